import type { Word } from './simple-command.ts';

/** An option with its value. */
export interface GivenOption {
  option: string;
  value: Word;
}

/** Tells options, their values and operands apart. @param valued the options that take a value */
export function readOptions(words: readonly Word[], valued: readonly string[]) {
  const operands: Word[] = [];
  const given: GivenOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    if (word.text === '--') {
      operands.push(...words.slice(at + 1));
      break;
    }
    const { option, value } = split(word, valued);
    if (!word.text.startsWith('-') || word.text === '-') operands.push(word);
    else if (value !== null) given.push({ option, value });
    else if (valued.includes(option) && words[at + 1]) given.push({ option, value: words[++at] as Word });
  }
  return { operands, given };
}

/** The words that stand behind one of these. */
export function values(words: readonly Word[], names: readonly string[]): Word[] {
  return words.filter((_word, at) => names.includes(words[at - 1]?.text ?? ''));
}

/**
 * Whether one of these letters stands in a cluster of short options, or one of the long ones is there.
 * @param valued the options that take a value: what stands in their values is none
 */
export function hasOption(
  words: readonly Word[],
  letters: string,
  long: readonly string[] = [],
  valued: readonly string[] = [],
): boolean {
  for (let at = 0; at < words.length; at++) {
    const { text } = words[at] as Word;
    if (text === '--') return false;
    if (!text.startsWith('-')) continue;
    if (long.includes(text.replace(/=.*$/s, ''))) return true;
    if (valued.includes(text)) at++;
    else if (!text.startsWith('--')) {
      const { option, value } = split(words[at] as Word, valued);
      const cluster = value === null ? text : text.slice(0, text.length - value.text.length);
      if ([...(/^-([A-Za-z0-9]*)/.exec(cluster)?.[1] ?? '')].some((letter) => letters.includes(letter))) return true;
      if (value === null && valued.includes(option)) at++;
    }
  }
  return false;
}

/** `--output=x` and `-qox` have their value with them. */
function split(word: Word, valued: readonly string[]): { option: string; value: Word | null } {
  const { text } = word;
  const equals = text.indexOf('=');
  if (text.startsWith('--'))
    return equals < 0
      ? { option: text, value: null }
      : { option: text.slice(0, equals), value: { ...word, text: text.slice(equals + 1) } };
  if (valued.includes(text)) return { option: text, value: null };
  // In a cluster such as `-rt` the first letter that takes a value has what follows it, or the next word.
  for (let at = 1; /[A-Za-z0-9]/.test(text.charAt(at)); at++) {
    const option = `-${text.charAt(at)}`;
    if (!valued.includes(option)) continue;
    return { option, value: at + 1 < text.length ? { ...word, text: text.slice(at + 1) } : null };
  }
  return { option: text, value: null };
}

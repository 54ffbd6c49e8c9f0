import type { Word, WrittenFile } from './simple-command.ts';
import { type Writer, writingOf } from './writers.ts';

/** Files that a command writes, as far as its own words tell. @param program without its directory */
export function writtenBy(program: string, words: readonly Word[]): WrittenFile[] {
  const writing = writingOf(program, words);
  if (writing === null) return [];
  const { operands, outputs, into } = readOptions(writing.writer, writing.words);
  const named =
    into.length > 0 ? into.map((word) => ({ ...word, sources: operands })) : chosen(writing.writer, operands);
  const moved = writing.writer.moves ? (into.length > 0 ? operands : operands.slice(0, -1)) : [];
  return [...outputs, ...named, ...moved]
    .filter(({ text, dynamic }) => dynamic || (text !== '-' && !isNoFile(text) && !isRemote(text)))
    .map((word) => (writing.elsewhere && !word.text.startsWith('/') ? { ...word, dynamic: true } : word));
}

/** What is written to and is no file: the null device, and what a process has open. */
export function isNoFile(text: string): boolean {
  return /^\/dev\/(null|stdout|stderr|tty|fd\/\d+)$/.test(text);
}

/** As `rsync` and `scp` name files of another machine. */
function isRemote(text: string): boolean {
  return /^[^/:]+:|^\w+:\/\//.test(text);
}

function chosen({ operands: which }: Writer, operands: readonly Word[]): WrittenFile[] {
  switch (which) {
    case 'all':
      return [...operands];
    case 'behind-first':
      return operands.slice(1);
    case 'last': {
      const last = operands.at(-1);
      if (!last) return [];
      // `ln` with one operand makes a link of its name here.
      if (operands.length === 1) return [{ ...last, text: last.text.slice(last.text.lastIndexOf('/') + 1) }];
      return [{ ...last, sources: operands.slice(0, -1) }];
    }
    case 'none':
      return [];
  }
}

/** Tells options, their values and operands apart. */
function readOptions({ valued = [], into = [], output = [] }: Writer, words: readonly Word[]) {
  const found = { operands: [] as Word[], outputs: [] as Word[], into: [] as Word[] };
  const take = (option: string, value: Word) => {
    if (into.includes(option)) found.into.push(value);
    if (output.includes(option)) found.outputs.push(value);
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    if (word.text === '--') {
      found.operands.push(...words.slice(at + 1));
      break;
    }
    const { option, value } = split(word, valued);
    if (!word.text.startsWith('-') || word.text === '-') found.operands.push(word);
    else if (value !== null) take(option, value);
    else if (valued.includes(option) && words[at + 1]) take(option, words[++at] as Word);
  }
  return found;
}

/** `--output=x` and `-ox` have their value with them. */
function split(word: Word, valued: readonly string[]): { option: string; value: Word | null } {
  const { text } = word;
  const equals = text.indexOf('=');
  if (text.startsWith('--'))
    return equals < 0
      ? { option: text, value: null }
      : { option: text.slice(0, equals), value: { ...word, text: text.slice(equals + 1) } };
  const short = text.slice(0, 2);
  if (text.length > 2 && valued.includes(short)) return { option: short, value: { ...word, text: text.slice(2) } };
  // In a cluster such as `-rt` the last letter may be the one with the value.
  const last = `-${text.at(-1)}`;
  return { option: text.length > 2 && valued.includes(last) ? last : text, value: null };
}

/** A command line that cannot be split into words. */
export class CommandSyntaxError extends Error {
  override readonly name = 'CommandSyntaxError';
}

/**
 * Splits a command line into words as a shell does: spaces part them, quotes and backslashes keep them together. Nothing
 * is expanded; what is meant for a shell is given to one: `sh -c '…'`.
 *
 * @throws CommandSyntaxError where a quote is not closed.
 */
export function commandWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let quote: '"' | "'" | null = null;
  const letters = [...line];
  for (let index = 0; index < letters.length; index++) {
    const letter = letters[index] ?? '';
    if (quote === "'" ? letter === "'" : quote === '"' && letter === '"') {
      quote = null;
    } else if (letter === '\\' && quote !== "'" && index + 1 < letters.length) {
      index++;
      word += letters[index];
      inWord = true;
    } else if (quote !== null) {
      word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      inWord = true;
    } else if (/\s/.test(letter)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else {
      word += letter;
      inWord = true;
    }
  }
  if (quote !== null) throw new CommandSyntaxError(`The quote ${quote} is not closed.`);
  if (inWord) words.push(word);
  return words;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours are made of control characters
const TERMINAL_CODES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** Output without the codes that colour a terminal; a line overwritten by a carriage return shows what stood there last. */
export function plainText(output: string): string {
  return output
    .replace(TERMINAL_CODES, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n');
}

/** The first `limit` lines, and how many there are. */
export function firstLines(text: string, limit: number): { shown: string; lines: number } {
  const trimmed = text.endsWith('\n') ? text.slice(0, -1) : text;
  const all = trimmed.split('\n');
  return { shown: all.slice(0, limit).join('\n'), lines: all.length };
}

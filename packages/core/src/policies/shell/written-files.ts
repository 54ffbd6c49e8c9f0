import { readOptions } from './options.ts';
import type { Word, WrittenFile } from './simple-command.ts';
import { type Writer, writingOf } from './writers.ts';

/** Files that a command writes, as far as its own words tell. @param program without its directory */
export function writtenBy(program: string, words: readonly Word[]): WrittenFile[] {
  const writing = writingOf(program, words);
  if (writing === null) return [];
  const { writer } = writing;
  const { operands, given } = readOptions(writing.words, writer.valued ?? []);
  const valuesOf = (options: readonly string[] = []) =>
    given.filter(({ option }) => options.includes(option)).map(({ value }) => value);
  const into = valuesOf(writer.into);
  const named: WrittenFile[] =
    into.length > 0 ? into.map((word) => ({ ...word, sources: operands })) : chosen(writer, operands);
  const moved = writer.moves ? (into.length > 0 ? operands : operands.slice(0, -1)) : [];
  return [
    ...valuesOf(writer.output),
    ...named.map((file) => (writer.tree ? { ...file, tree: true as const } : file)),
    ...moved.map((word) => ({ ...word, tree: true as const })),
  ]
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

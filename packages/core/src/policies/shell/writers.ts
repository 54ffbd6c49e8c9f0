import type { Word } from './simple-command.ts';

/** How a program says which files it writes. */
export interface Writer {
  /** Which of its operands: all, the last one, those behind the first (which is no file), or none. */
  operands: 'all' | 'last' | 'behind-first' | 'none';
  /** Options that take a value. */
  valued?: readonly string[];
  /** Its other operands are written as well, since it takes them away. */
  moves?: true;
  /** Of these, those that name the directory into which all operands go, as `-t` of `cp`. */
  into?: readonly string[];
  /** Of these, those whose value is itself written. */
  output?: readonly string[];
}

const INTO = ['-t', '--target-directory'];
const OWNERSHIP = ['-m', '--mode', '-o', '--owner', '-g', '--group'];
const CURL = ['-o', '--output', '--output-dir', '-D', '--dump-header', '-c', '--cookie-jar'];
const WGET = ['-O', '--output-document', '-P', '--directory-prefix', '-o', '--output-file'];
const COPIES: Writer = { operands: 'last', valued: [...INTO, '-S', '--suffix'], into: INTO };
const MOVES: Writer = { ...COPIES, moves: true };
const ALL: Writer = { operands: 'all' };
const BEHIND_FIRST: Writer = { operands: 'behind-first' };

/** Programs known for writing the files that they name. What others write is the business of rules about commands. */
const WRITERS: Readonly<Record<string, Writer>> = {
  cp: COPIES,
  ln: COPIES,
  mv: MOVES,
  scp: { operands: 'last', valued: ['-i', '-o', '-P', '-F', '-J', '-l', '-c', '-S'] },
  rsync: {
    operands: 'last',
    valued: [
      ...['-e', '--rsh', '-f', '--filter', '--exclude', '--include'],
      ...['--exclude-from', '--include-from', '--files-from'],
    ],
  },
  tee: ALL,
  touch: { operands: 'all', valued: ['-d', '--date', '-r', '--reference', '-t'] },
  truncate: { operands: 'all', valued: ['-s', '--size', '-r', '--reference'] },
  mkdir: { operands: 'all', valued: ['-m', '--mode'] },
  mkfifo: { operands: 'all', valued: ['-m', '--mode'] },
  rm: ALL,
  rmdir: ALL,
  unlink: ALL,
  shred: { operands: 'all', valued: ['-n', '--iterations', '-s', '--size', '--random-source'] },
  chmod: BEHIND_FIRST,
  chown: BEHIND_FIRST,
  chgrp: BEHIND_FIRST,
  sort: { operands: 'none', valued: ['-o', '--output', '-k', '-t', '-S', '-T'], output: ['-o', '--output'] },
  curl: { operands: 'none', valued: CURL, output: CURL },
  wget: { operands: 'none', valued: WGET, output: WGET },
};

/** What a command writes by, and the words that this is about. */
export interface Writing {
  writer: Writer;
  words: readonly Word[];
  /** Relative paths are those of a directory that is not known. */
  elsewhere?: boolean;
}

/** Programs of which more has to be read than their options. */
const READERS: Readonly<Record<string, (words: readonly Word[]) => Writing | null>> = {
  install: (words) => {
    const makes = words.some(({ text }) => /^(-[A-Za-z]*d[A-Za-z]*|--directory)$/.test(text));
    const valued = [...OWNERSHIP, ...(COPIES.valued ?? [])];
    return { writer: { ...COPIES, valued, operands: makes ? 'all' : 'last' }, words };
  },
  sed: (words) => {
    if (!words.some(({ text }) => /^(-[nErsuz]*i|--in-place)/.test(text))) return null;
    const programmed = words.some(({ text }) => /^(-[nErsuzi]*[ef]$|--expression|--file)/.test(text));
    const valued = ['-e', '-ie', '-ne', '-Ee', '--expression', '-f', '--file', '-l'];
    return { writer: { operands: programmed ? 'all' : 'behind-first', valued }, words };
  },
  dd: (words) => ({
    writer: ALL,
    words: words.flatMap((word) => (word.text.startsWith('of=') ? [{ ...word, text: word.text.slice(3) }] : [])),
  }),
  git: (words) => {
    const at = verbOfGit(words);
    const rest = words.slice(at + 1);
    const elsewhere = words.slice(0, at).some(({ text }) => /^(-C|--git-dir|--work-tree)/.test(text));
    switch (words[at]?.text) {
      case 'rm':
        return { writer: ALL, words: rest, elsewhere };
      case 'mv':
        return { writer: MOVES, words: rest, elsewhere };
      case 'restore':
        return { writer: { operands: 'all', valued: ['-s', '--source', '--conflict'] }, words: rest, elsewhere };
      case 'checkout': {
        const dashes = rest.findIndex(({ text }) => text === '--');
        return dashes < 0 ? null : { writer: ALL, words: rest.slice(dashes), elsewhere };
      }
      default:
        return null;
    }
  },
};

/** Null where it is not known for writing what it names. @param program without its directory */
export function writingOf(program: string, words: readonly Word[]): Writing | null {
  if (Object.hasOwn(READERS, program)) return READERS[program]?.(words) ?? null;
  const writer = Object.hasOwn(WRITERS, program) ? WRITERS[program] : undefined;
  return writer ? { writer, words } : null;
}

function verbOfGit(words: readonly Word[]): number {
  let at = 0;
  while (at < words.length && words[at]?.text.startsWith('-'))
    at += ['-C', '-c', '--git-dir', '--work-tree', '--namespace'].includes(words[at]?.text ?? '') ? 2 : 1;
  return at;
}

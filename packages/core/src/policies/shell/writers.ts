import { readAwkCommand } from './awk.ts';
import { readCurl, readWget } from './fetchers.ts';
import { readGit } from './git-writing.ts';
import { readOptions, values } from './options.ts';
import type { Word } from './simple-command.ts';
import { readCpio, readGzip, readPatch, readTar, readUnzip, readZip } from './unpackers.ts';

/** How a program says which files it writes. */
export interface Writer {
  /** Which of its operands: all, the last one, those behind the first (which is no file), or none. */
  operands: 'all' | 'last' | 'behind-first' | 'none';
  /** Options that take a value. */
  valued?: readonly string[];
  /** Its other operands are written as well, since it takes them away. */
  moves?: true;
  /** What lies below a directory that it names is written as well. */
  tree?: true;
  /** Of these, those that name the directory into which all operands go, as `-t` of `cp`. */
  into?: readonly string[];
  /** Of these, those whose value is itself written. */
  output?: readonly string[];
}

const INTO = ['-t', '--target-directory'];
const OWNERSHIP = ['-m', '--mode', '-o', '--owner', '-g', '--group'];
const OUT = ['-o', '--output'];
const RSYNC_OUT = ['--log-file', '--backup-dir', '--partial-dir', '-T', '--temp-dir', '--write-batch'];
const COPIES: Writer = { operands: 'last', valued: [...INTO, '-S', '--suffix'], into: INTO };
const MOVES: Writer = { ...COPIES, moves: true };
const ALL: Writer = { operands: 'all' };
const TREES: Writer = { operands: 'all', tree: true };
const TREES_BEHIND: Writer = { operands: 'behind-first', tree: true };

/** Programs known for writing the files that they name. What others write is the business of rules about commands. */
const WRITERS: Readonly<Record<string, Writer>> = {
  cp: COPIES,
  ln: COPIES,
  mv: MOVES,
  scp: { operands: 'last', tree: true, valued: ['-i', '-o', '-P', '-F', '-J', '-l', '-c', '-S'] },
  rsync: {
    operands: 'last',
    tree: true,
    valued: [
      ...['-e', '--rsh', '-f', '--filter', '--exclude', '--include'],
      ...['--exclude-from', '--include-from', '--files-from', ...RSYNC_OUT],
    ],
    output: RSYNC_OUT,
  },
  tee: ALL,
  sponge: ALL,
  touch: { operands: 'all', valued: ['-d', '--date', '-r', '--reference', '-t'] },
  truncate: { operands: 'all', valued: ['-s', '--size', '-r', '--reference'] },
  mkdir: { operands: 'all', valued: ['-m', '--mode'] },
  mkfifo: { operands: 'all', valued: ['-m', '--mode'] },
  rm: TREES,
  rmdir: ALL,
  unlink: ALL,
  shred: { operands: 'all', valued: ['-n', '--iterations', '-s', '--size', '--random-source'] },
  chmod: TREES_BEHIND,
  chown: TREES_BEHIND,
  chgrp: TREES_BEHIND,
  uniq: { operands: 'behind-first', valued: ['-f', '--skip-fields', '-s', '--skip-chars', '-w', '--check-chars'] },
  xxd: { operands: 'behind-first', valued: ['-c', '-cols', '-g', '-l', '-len', '-o', '-n', '-R', '-seek'] },
  sort: { operands: 'none', valued: [...OUT, '-k', '-t', '-S', '-T'], output: OUT },
};

/** What a command writes by, and the words that this is about. */
export interface Writing {
  writer: Writer;
  words: readonly Word[];
  /** Relative paths are those of a directory that is not known. */
  elsewhere?: boolean;
}

type Reader = (words: readonly Word[]) => Writing | null;

/** Programs of which more has to be read than their options. */
const READERS: Readonly<Record<string, Reader>> = {
  ...each(['tar', 'gtar', 'bsdtar'], readTar),
  ...each(['awk', 'gawk', 'mawk', 'nawk'], readAwkCommand),
  ...each(['gzip', 'gunzip', 'bzip2', 'bunzip2', 'xz', 'unxz', 'zstd', 'unzstd', 'lz4', 'compress'], readGzip),
  // Their other options are words behind one dash, and so no clusters.
  ...each(['cc', 'gcc', 'g++', 'clang', 'clang++', 'ld'], (words) => ({ writer: ALL, words: values(words, ['-o']) })),
  unzip: readUnzip,
  zip: readZip,
  cpio: readCpio,
  patch: readPatch,
  curl: readCurl,
  wget: readWget,
  git: readGit,
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
  split: (words) => {
    const { operands } = readOptions(words, ['-a', '-b', '-C', '-l', '-n', '-t', '--bytes', '--lines', '--number']);
    const prefix = operands[1] ?? { text: 'x', dynamic: false };
    // The names begin so and are not known further: any in that directory.
    return { writer: TREES, words: [{ ...prefix, text: prefix.text.replace(/[^/]*$/, '') || '.' }] };
  },
  find: (words) => {
    const tests = words.findIndex(({ text }) => /^[-(!]/.test(text) && !/^-(H|L|P|O\d)$/.test(text));
    const starts = words.slice(0, tests < 0 ? words.length : tests).filter(({ text }) => !text.startsWith('-'));
    const deletes = words.some(({ text }) => text === '-delete');
    const deleted = starts.length > 0 ? starts : [{ text: '.', dynamic: false }];
    const printed = values(words, ['-fprint', '-fprint0', '-fls', '-fprintf']);
    return { writer: TREES, words: [...(deletes ? deleted : []), ...printed] };
  },
};

function each(programs: readonly string[], read: Reader): Record<string, Reader> {
  return Object.fromEntries(programs.map((program) => [program, read]));
}

/** Null where it is not known for writing what it names. @param program without its directory */
export function writingOf(program: string, words: readonly Word[]): Writing | null {
  if (Object.hasOwn(READERS, program)) return READERS[program]?.(words) ?? null;
  const writer = Object.hasOwn(WRITERS, program) ? WRITERS[program] : undefined;
  return writer ? { writer, words } : null;
}

import { hasOption, readOptions } from './options.ts';
import type { Word } from './simple-command.ts';
import type { Writer, Writing } from './writers.ts';

const TREES: Writer = { operands: 'all', tree: true };
const FILES: Writer = { operands: 'all' };
const HERE: Word = { text: '.', dynamic: false };

const TAR_VALUED = [
  ...['-b', '-f', '-C', '-F', '-g', '-H', '-I', '-K', '-L', '-N', '-T', '-V', '-X'],
  ...['--file', '--directory', '--one-top-level', '--exclude', '--exclude-from', '--files-from', '--transform'],
];

/** What is unpacked may be anything below the directory; into an archive goes that file alone. */
export function readTar(words: readonly Word[]): Writing | null {
  const plain = unbundled(words);
  const valued = TAR_VALUED.filter((option) => option !== '--one-top-level');
  const { given } = readOptions(plain, valued);
  const has = (letters: string, long: readonly string[]) => hasOption(plain, letters, long, valued);
  const named = (options: readonly string[]) =>
    given.filter(({ option }) => options.includes(option)).map(({ value }) => value);
  if (has('x', ['--extract', '--get'])) {
    if (has('O', ['--to-stdout'])) return null;
    const absolute = has('P', ['--absolute-names']);
    const directories = [...named(['-C', '--directory']), ...named(['--one-top-level'])];
    return { writer: TREES, words: [{ ...joined(directories), ...(absolute ? { dynamic: true } : {}) }] };
  }
  if (!has('cruA', ['--create', '--append', '--update', '--concatenate', '--delete'])) return null;
  const removed = has('', ['--remove-files']) ? readOptions(plain, TAR_VALUED).operands : [];
  return { writer: TREES, words: [...named(['-f', '--file']), ...removed] };
}

/** `tar xfC a dir` is `tar -x -f a -C dir`. */
function unbundled([first, ...rest]: readonly Word[]): Word[] {
  if (!first || first.text.startsWith('-') || first.dynamic) return first ? [first, ...rest] : [];
  const values = [...rest];
  const options = [...first.text].flatMap((letter) => {
    const option = { text: `-${letter}`, dynamic: false };
    const value = TAR_VALUED.includes(option.text) ? values.shift() : undefined;
    return value ? [option, value] : [option];
  });
  return [...options, ...values];
}

/** Each directory is named from the one before. */
function joined(directories: readonly Word[]): Word {
  return directories.reduce(
    (from, to) => ({
      text: to.text.startsWith('/') ? to.text : `${from.text}/${to.text}`,
      dynamic: from.dynamic || to.dynamic,
    }),
    HERE,
  );
}

export function readUnzip(words: readonly Word[]): Writing | null {
  const valued = ['-d', '-P', '-x'];
  if (hasOption(words, 'lptvzZ', [], valued)) return null;
  const { given } = readOptions(words, valued);
  const directories = given.filter(({ option }) => option === '-d').map(({ value }) => value);
  return { writer: TREES, words: directories.length > 0 ? directories : [HERE] };
}

/** The archive, and with `-m` what goes into it. */
export function readZip(words: readonly Word[]): Writing | null {
  const { operands } = readOptions(words, ['-b', '-n', '-P', '-t', '-tt', '-x', '-i', '-O', '--out']);
  return { writer: TREES, words: hasOption(words, 'm', ['--move']) ? operands : operands.slice(0, 1) };
}

export function readCpio(words: readonly Word[]): Writing | null {
  const valued = ['-D', '--directory', '-F', '--file', '-O', '-I', '-E', '-H', '-C'];
  const { given, operands } = readOptions(words, valued);
  const has = (letters: string, long: readonly string[]) => hasOption(words, letters, long, valued);
  const directory = given.find(({ option }) => option === '-D' || option === '--directory')?.value ?? HERE;
  if (has('i', ['--extract'])) return has('t', ['--list']) ? null : { writer: TREES, words: [directory] };
  if (has('p', ['--pass-through'])) return { writer: TREES, words: operands };
  return {
    writer: FILES,
    words: given.filter(({ option }) => /^(-O|-F|--file)$/.test(option)).map(({ value }) => value),
  };
}

const ENDINGS: readonly string[] = ['.gz', '.bz2', '.xz', '.zst', '.lz4', '.Z', '.lzma', '.tgz'];

/** A packed file takes the place of the one that it is made of, and the other way round. */
export function readGzip(words: readonly Word[]): Writing | null {
  const valued = ['-S', '--suffix', '-o', '-T', '--threads'];
  if (hasOption(words, 'clt', ['--stdout', '--to-stdout', '--list', '--test'], valued)) return null;
  const { operands, given } = readOptions(words, valued);
  const beside = operands.map((word) => {
    const ending = ENDINGS.find((one) => word.text.endsWith(one));
    return { ...word, text: ending ? word.text.slice(0, -ending.length) : `${word.text}.gz` };
  });
  const outputs = given.filter(({ option }) => option === '-o').map(({ value }) => value);
  return { writer: TREES, words: [...operands, ...(outputs.length > 0 ? outputs : beside)] };
}

/** Which files a patch changes stands in it alone: any below the directory, unless one is named. */
export function readPatch(words: readonly Word[]): Writing | null {
  if (hasOption(words, '', ['--dry-run'])) return null;
  const { given, operands } = readOptions(words, [
    ...['-d', '--directory', '-i', '--input', '-o', '--output', '-p', '--strip', '-r', '--reject-file'],
    ...['-B', '-D', '-F', '-V', '-Y', '-z', '-g'],
  ]);
  const valueOfOption = (...options: string[]) => given.find(({ option }) => options.includes(option))?.value;
  const directory = valueOfOption('-d', '--directory');
  const named = [operands[0], valueOfOption('-o', '--output'), valueOfOption('-r', '--reject-file')].filter(
    (word) => word !== undefined,
  );
  const within = (word: Word) => (directory ? joined([directory, word]) : word);
  if (operands[0] || valueOfOption('-o', '--output')) return { writer: FILES, words: named.map(within) };
  return { writer: TREES, words: [directory ?? HERE, ...named.map(within)] };
}

import { hasOption, readOptions } from './options.ts';
import type { Word } from './simple-command.ts';
import type { Writer, Writing } from './writers.ts';

const FILES: Writer = { operands: 'all' };
const TREES: Writer = { operands: 'all', tree: true };
const CURL_OUT = [
  ...['-o', '--output', '-D', '--dump-header', '-c', '--cookie-jar', '--trace', '--trace-ascii', '--stderr'],
  ...['--etag-save', '--hsts', '--alt-svc', '--libcurl'],
];
const CURL_VALUED = [
  ...CURL_OUT,
  ...['--output-dir', '-A', '-b', '-C', '-d', '-e', '-E', '-F', '-H', '-K', '-m', '-r', '-T', '-u', '-U', '-w', '-x'],
  ...['-X', '-y', '-Y', '-z', '--data', '--data-raw', '--data-binary', '--data-urlencode', '--json', '--header'],
  ...[
    '--request',
    '--user',
    '--user-agent',
    '--url',
    '--form',
    '--retry',
    '--max-time',
    '--connect-timeout',
    '--cacert',
  ],
];

/** What is fetched goes into what `-o` names, or by the last name of its address with `-O`. */
export function readCurl(words: readonly Word[]): Writing {
  const { given, operands } = readOptions(words, CURL_VALUED);
  const directory = given.find(({ option }) => option === '--output-dir')?.value;
  const named = given.filter(({ option }) => CURL_OUT.includes(option));
  const remote = hasOption(words, 'O', ['--remote-name', '--remote-name-all']);
  // With -J the server says how the file is called.
  const untold = hasOption(words, 'J', ['--remote-header-name']);
  const asRemote = remote ? operands.map((address) => inDirectory(directory, lastName(address, untold))) : [];
  const outputs = named.map(({ option, value }) =>
    option === '-o' || option === '--output' ? inDirectory(directory, value) : value,
  );
  return { writer: FILES, words: [...outputs, ...asRemote] };
}

const WGET_OUT = ['-O', '--output-document', '-o', '--output-file', '-a', '--append-output', '--save-cookies'];
const WGET_DIRECTORY = ['-P', '--directory-prefix'];
const WGET_VALUED = [
  ...[...WGET_OUT, ...WGET_DIRECTORY, '-i', '--input-file', '-e', '-t', '--tries', '-T', '--timeout', '-U'],
  ...[
    '--user-agent',
    '--header',
    '--post-data',
    '--load-cookies',
    '-A',
    '-R',
    '-D',
    '-I',
    '-X',
    '-l',
    '-Q',
    '-w',
    '-B',
  ],
];

/** What is fetched goes by the last name of its address into the directory, unless `-O` names a file. */
export function readWget(words: readonly Word[]): Writing | null {
  const { given, operands } = readOptions(words, WGET_VALUED);
  const named = given.filter(({ option }) => WGET_OUT.includes(option));
  const outputs = named.map(({ value }) => value);
  if (named.some(({ option }) => /^(-O|--output-document)$/.test(option))) return { writer: FILES, words: outputs };
  if (hasOption(words, '', ['--spider'])) return { writer: FILES, words: outputs };
  const directory = given.find(({ option }) => WGET_DIRECTORY.includes(option))?.value;
  const several = hasOption(words, 'rmpi', ['--recursive', '--mirror', '--page-requisites', '--input-file']);
  if (several || hasOption(words, '', ['--content-disposition'])) {
    return { writer: TREES, words: [...outputs, directory ?? { text: '.', dynamic: false }] };
  }
  return {
    writer: FILES,
    words: [...outputs, ...operands.map((address) => inDirectory(directory, lastName(address, false)))],
  };
}

function lastName({ text, dynamic }: Word, untold: boolean): Word {
  const [path = ''] = text.replace(/^\w+:\/\//, '').split(/[?#]/);
  const name = path.includes('/') ? path.slice(path.lastIndexOf('/') + 1) : '';
  return { text: name || 'index.html', dynamic: dynamic || untold };
}

function inDirectory(directory: Word | undefined, file: Word): Word {
  if (!directory || file.text.startsWith('/') || file.text === '-') return file;
  return { text: `${directory.text}/${file.text}`, dynamic: directory.dynamic || file.dynamic };
}

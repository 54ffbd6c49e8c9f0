import { hasOption, readOptions } from './options.ts';
import type { Word } from './simple-command.ts';
import type { Writer, Writing } from './writers.ts';

const PATHS: Writer = { operands: 'all', tree: true };
const HERE: Word = { text: '.', dynamic: false };
/** Any file of the work tree, from wherever in it the command is run. */
const ANY: Word = { text: 'the work tree', dynamic: true };
const VALUED = ['-C', '-c', '--git-dir', '--work-tree', '--namespace'];

/** What a verb of git writes that names files or takes them all; moving between commits is the business of rules about commands. */
export function readGit(words: readonly Word[]): Writing | null {
  const at = verbAt(words);
  const rest = words.slice(at + 1);
  const elsewhere = words.slice(0, at).some(({ text }) => /^(-C|--git-dir|--work-tree)/.test(text));
  const written = verb(words[at]?.text ?? '', rest);
  return written && { ...written, elsewhere };
}

function verb(name: string, rest: readonly Word[]): Writing | null {
  switch (name) {
    case 'rm':
      return { writer: PATHS, words: rest };
    case 'mv':
      return { writer: { operands: 'last', moves: true, tree: true }, words: rest };
    case 'restore':
      return { writer: { ...PATHS, valued: ['-s', '--source', '--conflict'] }, words: rest };
    case 'checkout':
      return checkedOut(rest);
    case 'clean': {
      const valued = ['-e', '--exclude'];
      if (hasOption(rest, 'n', ['--dry-run'], valued)) return null;
      const { operands } = readOptions(rest, valued);
      return { writer: PATHS, words: operands.length > 0 ? operands : [HERE] };
    }
    case 'apply':
      return hasOption([...rest], '', ['--check', '--stat', '--numstat', '--summary', '--cached'])
        ? null
        : { writer: PATHS, words: [HERE] };
    case 'reset':
      return rest.some(({ text }) => /^--(hard|merge|keep)$/.test(text)) ? { writer: PATHS, words: [ANY] } : null;
    case 'stash':
      return /^(list|show|drop|clear|create|store)$/.test(rest[0]?.text ?? '') ? null : { writer: PATHS, words: [ANY] };
    default:
      return null;
  }
}

/** Without `--` only what can be no branch, or stands behind one, is surely a path. */
function checkedOut(rest: readonly Word[]): Writing | null {
  const dashes = rest.findIndex(({ text }) => text === '--');
  if (dashes >= 0) return { writer: PATHS, words: rest.slice(dashes) };
  if (hasOption(rest, 'bBd', ['--orphan', '--track', '--detach'])) return null;
  const [first, ...others] = readOptions(rest, ['--conflict']).operands;
  const paths = first && (first.dynamic || /^\.{1,2}(\/|$)|^[/:]/.test(first.text)) ? [first, ...others] : others;
  return paths.length > 0 ? { writer: PATHS, words: paths } : null;
}

function verbAt(words: readonly Word[]): number {
  let at = 0;
  while (at < words.length && words[at]?.text.startsWith('-')) at += VALUED.includes(words[at]?.text ?? '') ? 2 : 1;
  return at;
}

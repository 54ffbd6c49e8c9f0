import { git, gitText, type WorkspaceChange } from '../../workspaces/index.ts';
import type { UndoPlan } from './undo.ts';
import type { UndoChain } from './undo-chain.ts';

/** More are not named: whoever made that many looks at the log. */
const MOST = 100;

/**
 * Commits of the user's repository that appeared while the undone sessions worked and touch what is undone. Their files
 * are restored; the commits stay, and are named so that a person can revert them, too.
 */
export async function sessionCommits(
  directory: string,
  chain: UndoChain,
  changes: readonly WorkspaceChange[],
  plan: Pick<UndoPlan, 'sessionIds' | 'changeIds' | 'paths'>,
): Promise<UndoPlan['commits']> {
  const chosen = new Set(plan.changeIds);
  const positions = changes.filter(({ id }) => chosen.has(id)).map(({ position }) => position);
  if (positions.length === 0) return [];
  const newest = Math.max(...changes.map(({ position }) => position));
  const [before, after] = [await chain.at(Math.min(...positions) - 1), await chain.at(newest)];
  if (!before?.head || !after?.head || before.head === after.head) return [];
  const paths = plan.paths.map(({ path }) => path);
  // History may have been rewritten meanwhile: then what was new is not told by its names any more.
  const known = await gitText(['merge-base', '--is-ancestor', before.head, after.head], {
    cwd: directory,
    asUser: true,
  }).then(
    () => true,
    () => false,
  );
  if (!known) return [];
  const range = `${before.head}..${after.head}`;
  const log = await git(['log', `--max-count=${MOST}`, '--format=%H %s', '-z', '--stdin'], {
    cwd: directory,
    asUser: true,
    input: [range, '--', ...paths.map((path) => `:(literal)${path}`), ''].join('\n'),
  });
  return log
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => ({ oid: line.slice(0, line.indexOf(' ')), subject: line.slice(line.indexOf(' ') + 1) }));
}

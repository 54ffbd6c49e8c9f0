import { SignalboxError } from '../../platform/errors/index.ts';
import { git, gitText } from '../capture/index.ts';
import { reasonOf, type TreePlace } from './git-work-tree.ts';
import { type MergeOutlook, mergedTree } from './merge-outlook.ts';

/** Under whose name a merge is committed where the user has none configured. */
const NAMELESS = {
  GIT_AUTHOR_NAME: 'Signalbox',
  GIT_AUTHOR_EMAIL: 'signalbox@localhost',
  GIT_COMMITTER_NAME: 'Signalbox',
  GIT_COMMITTER_EMAIL: 'signalbox@localhost',
};

/** The first of the reasons for which a merge is refused. @throws WORK_TREE_NOT_MERGEABLE, WORK_TREE_CONFLICT, WORK_TREE_IN_THE_WAY */
export function checkMergeable({ branch, path }: TreePlace, outlook: MergeOutlook): void {
  const { refusal, conflicts, inTheWay, user } = outlook;
  if (refusal !== null) throw new SignalboxError('WORK_TREE_NOT_MERGEABLE', { branch, reason: refusal });
  if (conflicts.length > 0) {
    throw new SignalboxError('WORK_TREE_CONFLICT', { branch, path, into: user.branch, paths: conflicts });
  }
  if (inTheWay.length > 0) throw new SignalboxError('WORK_TREE_IN_THE_WAY', { paths: inTheWay });
}

/**
 * Brings the session's work into the user's branch and files, as one fast-forward: git itself then refuses where something
 * is in the way, and keeps what is staged or changed elsewhere. What the session left uncommitted is committed to its
 * branch first. May be done again after it was interrupted.
 * @returns the commit of the user's branch that holds the work. @throws WORK_TREE_NOT_MERGEABLE
 */
export async function mergeWorkTree(
  tree: TreePlace,
  outlook: MergeOutlook,
  about: { sessionId: string; title: string },
): Promise<string> {
  const { repository, path, branch } = tree;
  const named = await gitText(['var', 'GIT_COMMITTER_IDENT'], { cwd: repository, asUser: true }).then(
    () => true,
    () => false,
  );
  const call = { cwd: repository, asUser: true, env: named ? {} : NAMELESS };
  const session = `Signalbox session ${about.sessionId}.`;
  try {
    if (outlook.uncommitted) {
      await git(['add', '--all'], { ...call, cwd: path });
      await git(['commit', '--quiet', '--no-verify', '--no-gpg-sign', '--file=-'], {
        ...call,
        cwd: path,
        input: `${about.title}\n\n${session}\n`,
      });
    }
    const work = await gitText(['rev-parse', 'HEAD'], { ...call, cwd: path });
    const { head } = outlook.user;
    const base = await gitText(['merge-base', head, work], call);
    if (base === work) return head;
    const target = base === head ? work : await mergeCommit(head, work, `Merge branch '${branch}'\n\n${session}`, call);
    await git(
      [
        'merge',
        '--ff-only',
        '--quiet',
        '--no-stat',
        '--no-autostash',
        '--no-verify-signatures',
        '--no-overwrite-ignore',
        target,
      ],
      call,
    );
    return target;
  } catch (error) {
    if (SignalboxError.is(error)) throw error;
    throw new SignalboxError('WORK_TREE_NOT_MERGEABLE', { branch, reason: reasonOf(error) }, { cause: error });
  }
}

async function mergeCommit(
  ours: string,
  theirs: string,
  message: string,
  call: { cwd: string; asUser: boolean; env: Record<string, string> },
): Promise<string> {
  const { treeId, conflicts } = await mergedTree(ours, theirs, call);
  if (conflicts.length > 0) throw new Error(`it conflicts at ${conflicts.join(', ')}`);
  return gitText(['commit-tree', treeId, '-p', ours, '-p', theirs, '-m', message], call);
}

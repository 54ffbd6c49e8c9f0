import { git } from '../../workspaces/index.ts';
import type { SourceBranch } from '../source-view.ts';
import { callOf, type SourceRepository } from './source-repository.ts';

/** Branches that are told of at most: those that were committed to last. */
const MOST_BRANCHES = 1_000;
const FIELDS = [
  '%(refname)',
  '%(symref)',
  '%(HEAD)',
  '%(upstream:short)',
  '%(objectname)',
  '%(authorname)',
  '%(authordate:iso-strict)',
  '%(contents:subject)',
];

/** Those of the repository and what it knows of its remotes' ones; the newest first (KG-308). */
export async function readBranches(repository: SourceRepository): Promise<SourceBranch[]> {
  const format = `--format=${FIELDS.join('%00')}%00`;
  const words = ['for-each-ref', `--count=${MOST_BRANCHES}`, '--sort=refname', '--sort=-committerdate', format];
  const told = await git([...words, 'refs/heads', 'refs/remotes'], callOf(repository));
  // A newline stands before each but the first: no field has one in it.
  const lines = told.toString('utf8').split('\0\n').slice(0, -1);
  return lines.flatMap((line) => {
    const [ref = '', symbolic, current, upstream, hash = '', author = '', date = '', title = ''] = line.split('\0');
    // What a remote has checked out is one of its branches.
    if (symbolic !== '') return [];
    return [
      {
        name: ref.replace(/^refs\/(heads|remotes)\//, ''),
        isCurrent: current === '*',
        isRemote: ref.startsWith('refs/remotes/'),
        upstream: upstream === undefined || upstream === '' ? null : upstream,
        lastCommit: { hash, author, date, title },
      },
    ];
  });
}

import { git, readRepositoryState } from '../../workspaces/index.ts';
import type { CommitSummary, SourceStatus } from '../source-view.ts';
import { callOf, commitOfRef, endedTexts, type SourceRepository } from './source-repository.ts';

/** Words of a line of `git status --porcelain=v2` that stand before its path. */
const BEFORE_PATH: Record<string, number> = { '1': 8, u: 10, '?': 1 };

/** KG-308. Writes nothing, not even what git knows of unchanged files. */
export async function readStatus(repository: SourceRepository): Promise<SourceStatus> {
  const words = ['status', '--porcelain=v2', '-z', '--branch', '--no-renames', '--untracked-files=normal', '--', '.'];
  const said = endedTexts(await git(words, callOf(repository)));
  const facts = new Map(
    said.flatMap((line) => {
      const [, name, value] = /^# (\S+) (.*)$/s.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
  const [, ahead = '0', behind = '0'] = /^\+(\d+) -(\d+)$/.exec(facts.get('branch.ab') ?? '') ?? [];
  const head = facts.get('branch.head') ?? '(detached)';
  const named = said.flatMap((line) => namedIn(line, repository.prefix));
  const pathsOf = (list: Place) => named.flatMap(({ path, places }) => (places.includes(list) ? [path] : []));
  return {
    branch: head === '(detached)' ? null : head,
    upstream: facts.get('branch.upstream') ?? null,
    clean: named.length === 0,
    ahead: Number(ahead),
    behind: Number(behind),
    staged: pathsOf('staged'),
    unstaged: pathsOf('unstaged'),
    untracked: pathsOf('untracked'),
    conflicted: pathsOf('conflicted'),
    operation: (await readRepositoryState(repository)).operation,
    lastCommit: await lastCommitOf(repository),
  };
}

type Place = 'staged' | 'unstaged' | 'untracked' | 'conflicted';

function namedIn(line: string, prefix: string): { path: string; places: Place[] }[] {
  const words = line.split(' ');
  const [kind = '', [staged, unstaged] = ''] = words;
  const before = BEFORE_PATH[kind];
  if (before === undefined) return [];
  // Where nothing in the workspace is tracked, git names the workspace.
  const path = words.slice(before).join(' ').slice(prefix.length) || './';
  if (kind === '?') return [{ path, places: ['untracked'] }];
  if (kind === 'u') return [{ path, places: ['conflicted'] }];
  const places: Place[] = [
    ...(staged === '.' ? [] : ['staged' as const]),
    ...(unstaged === '.' ? [] : ['unstaged' as const]),
  ];
  return [{ path, places }];
}

async function lastCommitOf(repository: SourceRepository): Promise<CommitSummary | null> {
  if ((await commitOfRef(repository, 'HEAD')) === null) return null;
  const words = [
    'log',
    '-z',
    '--max-count=1',
    '--no-show-signature',
    '--encoding=UTF-8',
    '--format=%H%x00%an%x00%aI%x00%s',
    'HEAD',
  ];
  const [hash = '', author = '', date = '', title = ''] = endedTexts(await git(words, callOf(repository)));
  return { hash, author, date, title };
}

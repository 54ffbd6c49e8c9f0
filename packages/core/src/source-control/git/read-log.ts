import type { z } from 'zod';
import { SignalboxError } from '../../platform/errors/index.ts';
import { git } from '../../workspaces/index.ts';
import type { LogEntry, readLogSchema } from '../source-view.ts';
import { callOf, commitOfRef, endedTexts, pathWithin, type SourceRepository } from './source-repository.ts';

const FIELDS = ['%H', '%an', '%ae', '%aI', '%D', '%B'];

/** The newest first (KG-308); none where nothing was committed yet. @throws SOURCE_BRANCH_NOT_FOUND, PATH_OUTSIDE_WORKSPACE */
export async function readLog(
  repository: SourceRepository,
  { branch, path, limit, offset }: z.output<typeof readLogSchema>,
): Promise<LogEntry[]> {
  const start = branch === undefined ? await commitOfRef(repository, 'HEAD') : await commitOfBranch(repository, branch);
  if (start === null) return [];
  const only = path === undefined ? (repository.prefix === '' ? [] : ['.']) : [pathWithin(repository, path)];
  const flags = [
    '--no-show-signature',
    '--no-color',
    '--decorate=short',
    '--encoding=UTF-8',
    `--format=${FIELDS.join('%x00')}`,
  ];
  const words = ['log', '-z', ...flags, `--max-count=${limit}`, `--skip=${offset}`, start, '--', ...only];
  const texts = endedTexts(await git(words, callOf(repository)));
  return Array.from({ length: texts.length / FIELDS.length }, (_, n) => {
    const [hash = '', author = '', email = '', date = '', refs = '', message = ''] = texts.slice(n * FIELDS.length);
    return { hash, author, email, date, message: message.trimEnd(), refs: refs === '' ? [] : refs.split(', ') };
  });
}

/** Of the repository, or as it is known of a remote. */
async function commitOfBranch(repository: SourceRepository, branch: string): Promise<string> {
  const commit =
    (await commitOfRef(repository, `refs/heads/${branch}`)) ??
    (await commitOfRef(repository, `refs/remotes/${branch}`));
  if (commit === null) throw new SignalboxError('SOURCE_BRANCH_NOT_FOUND', { branch });
  return commit;
}

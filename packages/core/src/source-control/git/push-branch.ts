import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { gitText, spawnGit } from '../../workspaces/index.ts';
import type { PushResult } from '../source-view.ts';
import { gitReason } from './git-reason.ts';
import { callOf, commitOfRef, type SourceRepository } from './source-repository.ts';

/** A push that is not over by then has failed. */
const PUSH_MS = 120_000;
/** What is read of what git says. */
const MOST_SAID = 20_000;

export interface PushWanted {
  remote: string | undefined;
  branch: string;
  force: boolean;
}

/**
 * Pushes one branch to the branch of the same name. Never forced unless asked, and then only over what was last fetched from there
 * (`--force-with-lease`). Nobody is asked for a password, and hooks do not run.
 * @throws SOURCE_BRANCH_NOT_FOUND, SOURCE_REMOTE_NOT_FOUND, SOURCE_PUSH_REJECTED, SOURCE_PUSH_FAILED
 */
export async function pushBranch(
  repository: SourceRepository,
  wanted: PushWanted,
  clock: Clock,
): Promise<Omit<PushResult, 'provider'>> {
  const { branch, force } = wanted;
  const ref = `refs/heads/${branch}`;
  const commitHash = await commitOfRef(repository, ref);
  if (commitHash === null) throw new SignalboxError('SOURCE_BRANCH_NOT_FOUND', { branch });
  const { remote, follows } = await remoteOf(repository, branch, wanted.remote);
  const flags = [...(force ? ['--force-with-lease'] : []), ...(follows ? [] : ['--set-upstream'])];
  const { code, output, problem } = await run(
    repository,
    ['push', '--porcelain', ...flags, '--', remote, `${ref}:${ref}`],
    clock,
  );
  const [flag, , summary = ''] =
    output
      .split('\n')
      .find((line) => line.includes(`\t${ref}:${ref}\t`))
      ?.split('\t') ?? [];
  if (flag === '!') throw new SignalboxError('SOURCE_PUSH_REJECTED', { branch, remote, reason: summary });
  if (code !== 0 || flag === undefined) {
    const reason = withoutPasswords(gitReason(problem)) || `it ended with ${code}`;
    throw new SignalboxError('SOURCE_PUSH_FAILED', { branch, remote, reason });
  }
  return {
    ...{ remote, branch, commitHash, forced: flag === '+', pushed: flag !== '=' },
    url: await remoteAddress(repository, remote),
    message: summary,
    timestamp: clock.now().toISOString(),
  };
}

/** Where a remote is fetched from, without passwords. */
export async function remoteAddress(repository: SourceRepository, remote: string): Promise<string> {
  return withoutPasswords(await gitText(['remote', 'get-url', '--', remote], callOf(repository)));
}

/** @param named default: what the branch follows, else `origin` @throws SOURCE_REMOTE_NOT_FOUND */
export async function remoteOf(
  repository: SourceRepository,
  branch: string,
  named: string | undefined,
): Promise<{ remote: string; follows: boolean }> {
  const accepts = (code: number) => code === 0 || code === 1;
  const followed = await gitText(['config', '--get', `branch.${branch}.remote`], callOf(repository, { accepts }));
  const remote = named ?? (followed || 'origin');
  const known = (await gitText(['remote'], callOf(repository))).split('\n').filter((name) => name !== '');
  if (!known.includes(remote)) throw new SignalboxError('SOURCE_REMOTE_NOT_FOUND', { remote, known });
  return { remote, follows: followed !== '' };
}

async function run(repository: SourceRepository, words: string[], clock: Clock) {
  const child = spawnGit(words, callOf(repository));
  child.stdin.end();
  let output = '';
  let problem = '';
  child.stdout.on('data', (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-MOST_SAID)));
  child.stderr.on('data', (chunk: Buffer) => (problem = (problem + chunk.toString('utf8')).slice(-MOST_SAID)));
  const over = new AbortController();
  const late = clock.sleep(PUSH_MS, over.signal).then(() => {
    if (over.signal.aborted) return;
    problem = `it was not over after ${PUSH_MS / 1_000} s`;
    child.kill();
    // Whom it started, as ssh, has these open as well: who waits until they are closed would wait for those.
    child.stdout.destroy();
    child.stderr.destroy();
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, output, problem };
  } finally {
    over.abort();
    await late;
  }
}

function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w+:\/\/)[^/\s@]+@/g, '$1');
}

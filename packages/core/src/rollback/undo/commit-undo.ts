import { SignalboxError } from '../../platform/errors/index.ts';
import { git, gitText } from '../../workspaces/index.ts';
import type { Undo, UndoPlan } from './undo.ts';

/**
 * Whether the user's index is as HEAD is at the paths of an undo: else a commit of them would take along what the user has
 * staged there. @throws UNDO_INDEX_NOT_CLEAN, UNDO_NO_REPOSITORY
 */
export async function checkIndexClean(directory: string, plan: UndoPlan): Promise<void> {
  const call = { cwd: directory, asUser: true };
  await gitText(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], call).catch((error) => {
    throw new SignalboxError('UNDO_NO_REPOSITORY', { directory }, { cause: error });
  });
  const paths = pathspecs(plan);
  if (paths.length === 0) return;
  const staged = await git(['diff', '--cached', '--name-only', '-z', '--no-renames', '--', ...paths], call);
  const [first] = staged.toString('utf8').split('\0');
  if (first) throw new SignalboxError('UNDO_INDEX_NOT_CLEAN', { path: first });
}

/**
 * Commits the restored files, and nothing else, to the user's own branch; answers the commit, null where all is as in HEAD.
 * @throws UNDO_COMMIT_FAILED; the index is as before then.
 */
export async function commitRestored(directory: string, plan: UndoPlan, undo: Undo): Promise<string | null> {
  const call = { cwd: directory, asUser: true };
  const restored = plan.paths.filter(
    ({ current, target }) => current?.oid !== target?.oid || current?.mode !== target?.mode,
  );
  const tracked: string[] = [];
  for (const { path, target } of restored) {
    const inHead = await gitText(['ls-tree', '--name-only', 'HEAD', '--', `:(literal)${path}`], call);
    // What never was committed is not now, either; what a commit of the session took away comes back.
    if (inHead !== '' || (target && (await wasCommitted(directory, path)))) tracked.push(path);
  }
  if (tracked.length === 0) return null;
  const specs = tracked.map((path) => `:(literal)${path}`);
  let staged = false;
  try {
    await git(['add', '--all', '--force', '--', ...specs], call);
    staged = true;
    const changed = await git(['diff', '--cached', '--name-only', '-z', '--', ...specs], call);
    if (changed.length === 0) return null;
    const commits = plan.commits.map(({ oid, subject }) => `${oid.slice(0, 12)} ${subject}`);
    const message = [`Undo ${plan.changeIds.length} changes`, '', signatureOf(undo), ...commits].join('\n');
    await git(['commit', '--quiet', '--no-verify', '--only', '--file=-', '--', ...specs], { ...call, input: message });
    return await gitText(['rev-parse', 'HEAD'], call);
  } catch (error) {
    // It was as HEAD at these paths: that was looked at before.
    if (staged) await git(['reset', '--quiet', '--', ...specs], call);
    const reason = error instanceof Error ? error.message : String(error);
    throw new SignalboxError('UNDO_COMMIT_FAILED', { directory, reason }, { cause: error });
  }
}

/**
 * What {@link commitRestored} answers, for an undo whose process died between its writes and its end: the commit that it had made, else
 * it is made now. What stands staged is the dead one's where it is as the files are. @throws UNDO_INDEX_NOT_CLEAN, UNDO_COMMIT_FAILED
 */
export async function commitAfterCrash(directory: string, plan: UndoPlan, undo: Undo): Promise<string | null> {
  const call = { cwd: directory, asUser: true };
  const search = ['log', '--max-count=1', '--format=%H', '--fixed-strings', `--grep=${signatureOf(undo)}`, 'HEAD'];
  const made = await gitText(search, call);
  if (made !== '') return made;
  const list = ['--name-only', '-z', '--no-renames', '--', ...pathspecs(plan)];
  const namesOf = async (options: string[]) =>
    (await git(['diff', ...options, ...list], call)).toString('utf8').split('\0').filter(Boolean);
  if (plan.paths.length > 0) {
    const unlikeFiles = new Set(await namesOf([]));
    const foreign = (await namesOf(['--cached'])).find((path) => unlikeFiles.has(path));
    if (foreign !== undefined) throw new SignalboxError('UNDO_INDEX_NOT_CLEAN', { path: foreign });
  }
  return commitRestored(directory, plan, undo);
}

/** By which the commit of an undo is known. */
function signatureOf({ id }: Undo): string {
  return `Signalbox undo ${id}.`;
}

async function wasCommitted(directory: string, path: string): Promise<boolean> {
  const call = { cwd: directory, asUser: true };
  return (await gitText(['rev-list', '--max-count=1', 'HEAD', '--', `:(literal)${path}`], call)) !== '';
}

function pathspecs(plan: UndoPlan): string[] {
  return plan.paths.map(({ path }) => `:(literal)${path}`);
}

import { SignalboxError } from '../../platform/errors/index.ts';
import { readDomainPath } from '../diff/index.ts';
import { planAll, type RunContext, type Strategy } from './strategy.ts';

const DAY = 86_400_000;
/** Points that are older are refused (RB-087). */
const MAX_AGE = 7 * DAY;

/**
 * Nothing is left half done (RB-085, RB-086): a point of how everything is, then each change is applied and read back, and
 * in the end nothing may differ. Whatever goes wrong, what it wrote is put back.
 */
export const safeStrategy: Strategy = {
  name: 'safe',
  refusal({ point, now }) {
    const age = now.getTime() - Date.parse(point.createdAt);
    return age > MAX_AGE ? 'the point is older than 7 days' : null;
  },
  plan: (context) => ({
    ...planAll(context),
    warnings: context.snapshots
      .filter(({ checksum }) => checksum === '')
      .map(({ id }) => `the snapshot ${id} has no checksum`),
  }),
  estimate: (changes) => 5_000 + 100 * changes + 2_000,
  async run(context, plan) {
    await context.backup();
    await context.progress(10);
    try {
      checkChanges(plan.changes);
      await context.progress(20);
      const settled = await context.settle(plan.changes, plan.conflicts);
      await context.progress(30);
      let done = 0;
      for (const group of context.groups(settled)) {
        await context.applyVerified(group);
        done += group.length;
        await context.progress(30 + (done / settled.length) * 60);
      }
      const paths = await context.remaining(settled);
      if (paths.length > 0) throw new SignalboxError('ROLLBACK_VERIFICATION_FAILED', { paths });
      await context.progress(100);
    } catch (error) {
      await giveUp(context, error);
    }
  },
};

/** What cannot be applied at all is found before the first write. @throws STRATEGY_VALIDATION_FAILED is the caller's; here DIFF_NOT_APPLICABLE */
function checkChanges(changes: readonly { path: string; operation: string; newValue: unknown }[]): void {
  for (const { path, operation, newValue } of changes) {
    if (!readDomainPath(path))
      throw new SignalboxError('DIFF_NOT_APPLICABLE', { path, reason: 'it names nothing that is known' });
    if ((operation === 'delete') !== (newValue === undefined)) {
      throw new SignalboxError('DIFF_NOT_APPLICABLE', { path, reason: `a ${operation} cannot lead there` });
    }
  }
}

/** Puts back what was written, and ends with the first error; with both where that fails as well. */
async function giveUp(context: RunContext, error: unknown): Promise<never> {
  context.log('error', `the rollback failed: ${messageOf(error)}`);
  let restored: 'old' | 'partial';
  try {
    restored = await context.restoreBackup();
  } catch (second) {
    context.log('error', `the backup could not be restored: ${messageOf(second)}`);
    throw new AggregateError(
      [error, second],
      `${messageOf(error)}; and the backup could not be restored: ${messageOf(second)}`,
    );
  }
  if (restored === 'old') context.log('info', 'the backup was restored: everything is as it was');
  else context.log('warn', 'the backup was restored, apart from what somebody else changed meanwhile');
  throw error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

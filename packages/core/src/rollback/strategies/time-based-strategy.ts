import { applyAll, type Strategy } from './strategy.ts';
import { filterByTime, saysFromWhen, temporalConflicts } from './time-filter.ts';

/** Only what was changed within a span of time, the newest first (RB-102…107). */
export const timeBasedStrategy: Strategy = {
  name: 'time_based',
  refusal({ options: { timebasedFilter } }) {
    if (!timebasedFilter) return 'there is no filter; give `timebasedFilter`';
    if (saysFromWhen(timebasedFilter)) return null;
    return 'the filter does not say from when on; give `rollbackToTimestamp`, `includeChangesAfter` or `maxChangeAge`';
  },
  plan({ options: { timebasedFilter }, changes, now }) {
    const dependencies = { required: [], affected: [], circular: [] };
    if (!timebasedFilter) return { changes: [], conflicts: [], dependencies, warnings: [] };
    const { selected, undated } = filterByTime(changes, timebasedFilter, now);
    const became = timebasedFilter.undated === 'include' ? 'included' : 'left out';
    return {
      changes: selected,
      conflicts: temporalConflicts(selected),
      dependencies,
      warnings: undated === 0 ? [] : [`${undated} change(s) have no time and are ${became}`],
    };
  },
  estimate: (changes) => 1_000 + 60 * changes,
  async run(context, plan) {
    await context.progress(15);
    await context.progress(25);
    const settled = await context.settle(plan.changes, plan.conflicts);
    await context.progress(35);
    await applyAll(context, settled, 35, 100);
    context.log('info', `applied ${settled.length} change(s) of that time`);
  },
};

import { applyAll, planAll, type Strategy } from './strategy.ts';

/** All at once: looks for conflicts once, then applies everything in order (RB-083). */
export const immediateStrategy: Strategy = {
  name: 'immediate',
  refusal: () => null,
  plan: planAll,
  estimate: (changes) => 1_000 + 50 * changes,
  async run(context, plan) {
    const settled = await context.settle(plan.changes, plan.conflicts);
    await applyAll(context, settled, 0, 100);
    context.log('info', `applied ${settled.length} of ${plan.changes.length} change(s)`);
  },
};

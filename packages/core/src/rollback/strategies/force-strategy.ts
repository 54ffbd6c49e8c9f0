import { planAll, type Strategy } from './strategy.ts';

/** Writes everything over whatever is there, without looking for conflicts (RB-088). Only where the caller confirms that. */
export const forceStrategy: Strategy = {
  name: 'force',
  refusal: ({ options }) => (options.confirm ? null : 'it overwrites whatever is there; confirm that with `confirm`'),
  plan: (context) => ({ ...planAll(context), warnings: ['force looks for no conflicts'] }),
  estimate: (changes) => 500 + 20 * changes,
  async run(context, plan) {
    const settled = await context.unchecked(plan.changes);
    let failed = 0;
    for (const [index, change] of settled.entries()) {
      if (!(await context.apply(change))) failed += 1;
      await context.progress(((index + 1) / settled.length) * 100);
    }
    if (failed === 0) context.log('info', `applied ${settled.length} change(s); nothing was validated`);
    else context.log('error', `${failed} change(s) failed; the state may be inconsistent`);
  },
};

import { applyAll, planAll, type Strategy } from './strategy.ts';

/** Writes everything over whatever is there, without looking for conflicts (RB-088). Only where the caller confirms that. */
export const forceStrategy: Strategy = {
  name: 'force',
  refusal: ({ options }) => (options.confirm ? null : 'it overwrites whatever is there; confirm that with `confirm`'),
  plan: (context) => ({ ...planAll(context), warnings: ['force looks for no conflicts'] }),
  estimate: (changes) => 500 + 20 * changes,
  async run(context, plan) {
    const settled = await context.unchecked(plan.changes);
    const failed = await applyAll(context, settled, 0, 100);
    if (failed === 0) context.log('info', `applied ${settled.length} change(s); nothing was validated`);
    else context.log('error', `${failed} change(s) failed; the state may be inconsistent`);
  },
};

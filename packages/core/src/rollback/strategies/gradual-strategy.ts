import { planAll, type SettledChange, type Strategy } from './strategy.ts';

/** Fewer changes than this are not worth batches (RB-082). */
const WORTH_BATCHES = 5;

/**
 * In batches, with pauses between them (RB-084). All conflicts are settled before the first batch, so that an abort leaves
 * nothing half done; each batch is looked at again when its turn comes.
 */
export const gradualStrategy: Strategy = {
  name: 'gradual',
  refusal: (_context, { changes }) =>
    changes.length > WORTH_BATCHES
      ? null
      : `${changes.length} change(s) are too few for batches; it takes more than ${WORTH_BATCHES}`,
  plan: planAll,
  estimate(changes, { batchSize, delayBetweenBatches }) {
    const batches = Math.ceil(changes / batchSize);
    return 1_000 + 500 * batches + Math.max(0, batches - 1) * delayBetweenBatches;
  },
  async run(context, plan) {
    const { batchSize, delayBetweenBatches } = context.options;
    const settled = await context.settle(plan.changes, plan.conflicts);
    let done = 0;
    for (const [index, batch] of batchesOf(settled, batchSize).entries()) {
      if (index > 0) await context.pause(delayBetweenBatches);
      for (const group of context.groups(await context.settleAgain(batch))) {
        await context.apply(group);
        done += group.length;
        await context.progress((done / settled.length) * 100);
      }
      context.log('debug', `batch ${index + 1} is applied`);
    }
  },
};

function batchesOf(changes: readonly SettledChange[], size: number): SettledChange[][] {
  const batches: SettledChange[][] = [];
  for (let at = 0; at < changes.length; at += size) batches.push(changes.slice(at, at + size));
  return batches;
}

import { createHash } from 'node:crypto';

/**
 * Leaves all but a share of the functions out of a mutation run: with `SIGNALBOX_MUTANTS=0.1` one in ten, chosen by where they stand, so
 * the same ones each time; `SIGNALBOX_MUTANTS=0.1:7` chooses others. Of code whose tests need a database, a mutant takes seconds and all of
 * them a day; what a tenth of them scores is close to what all would.
 */
const [share = 1, seed = 0] = (process.env.SIGNALBOX_MUTANTS ?? '1').split(':').map(Number);
if (!(share > 0 && share <= 1)) throw new Error('SIGNALBOX_MUTANTS is a share, above 0 and at most 1');

/** Whole functions with what stands in them: mutants of one function are tested by the same tests, and say the same. */
function shouldIgnore(path) {
  if (share === 1 || !path.isFunction() || path.findParent((above) => above.isFunction())) return undefined;
  const { start, end } = path.node;
  const digest = createHash('sha1').update(`${seed}:${start}:${end}`).digest();
  return digest.readUInt32BE() / 2 ** 32 < share ? undefined : 'not in the sample';
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'sampled-functions', value: { shouldIgnore } }];

import type { EntityFact } from './batch.ts';

/** What only runs of a test can tell of it: whoever reads its source has no say in these. */
const OF_RUNS = ['status', 'flakyScore', 'lastRunAt', 'lastDuration', 'executionHistory', 'performanceMetrics'];

/**
 * What several units say of one entity, as one: the last one is believed. Of a test its source says what it is, and the unit that knows
 * of its latest run how it went. @param facts the one that is believed last
 */
export function foldEntity(facts: readonly EntityFact[]): EntityFact | undefined {
  const last = facts.at(-1);
  if (facts.length < 2 || last?.type !== 'test') return last;
  const ran = facts.filter(({ type, data }) => type === 'test' && typeof data.lastRunAt === 'string');
  const [latest] = ran.sort((a, b) => (String(a.data.lastRunAt) > String(b.data.lastRunAt) ? -1 : 1));
  const source = facts.findLast(({ type, data }) => type === 'test' && data.lastRunAt === undefined) ?? last;
  if (!latest) return last;
  const others = Object.entries(source.data).filter(([name]) => !OF_RUNS.includes(name));
  const runs = Object.entries(latest.data).filter(([name]) => OF_RUNS.includes(name));
  return { type: 'test', data: Object.fromEntries([...others, ...runs]) };
}

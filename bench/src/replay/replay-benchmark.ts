import { randomBytes } from 'node:crypto';
import { type AppendEvent, PgDatabase } from '@signalbox/core';
import { insertTestSession, startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { median } from '../side-by-side.ts';

const DEFAULTS = { events: 1_000_000, looks: 200, checkpoints: 1_000, stateKilobytes: 256 };
const SEEK_LIMIT_MS = 50;
/** What checkpoints of an unchanged state may add, of what as many copies of it would. */
const GROWTH_LIMIT = 0.01;
const APPEND_AT_ONCE = 500;

/** What a run writes most: calls with their results, words, and what the model used. */
const ROUND: readonly AppendEvent[] = [
  { type: 'tool_call', actor: 'agent', payload: { callId: 'c', tool: 'bash', arguments: { command: 'npm test' } } },
  { type: 'output', actor: 'agent', payload: { stream: 'stdout', text: 'all 41 tests pass\n'.repeat(4) } },
  { type: 'tool_result', actor: 'agent', payload: { callId: 'c', tool: 'bash', status: 'completed', output: 'done' } },
  { type: 'message', actor: 'agent', payload: { role: 'assistant', messageId: 'm', text: 'It works.', final: true } },
  { type: 'usage', actor: 'agent', payload: { inputTokens: 900, outputTokens: 100, costUsd: 0.01 } },
];

/** Looking back in a long journal, and what checkpoints of a state that does not change take of the disk. */
export const replayBenchmark: Benchmark = {
  about: `the state at any event of a long journal, against ${SEEK_LIMIT_MS} ms; storage of checkpoints of an unchanged state, against ${GROWTH_LIMIT * 100} % of copies`,
  run: async (args) => {
    const options = countOptions(args, DEFAULTS);
    const server = await startServerPostgres({ durable: true });
    let opened: OpenedCore | null = null;
    try {
      opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } }));
      const seek = await seeks(opened, options);
      const growth = await growthOf(opened, options);
      return {
        limitVsSlowestSeek: SEEK_LIMIT_MS / seek.slowest,
        limitVsMedianSeek: SEEK_LIMIT_MS / seek.median,
        limitVsGrowth: GROWTH_LIMIT / growth,
      };
    } finally {
      await opened?.close();
      await server.stop();
    }
  },
};

async function seeks({ core, projectId }: OpenedCore, { events, looks }: typeof DEFAULTS) {
  const session = await insertTestSession(core.database, projectId);
  const batch = Array.from({ length: APPEND_AT_ONCE / ROUND.length }, () => ROUND).flat();
  for (let at = 0; at < events; at += APPEND_AT_ONCE) {
    await core.journal.append(projectId, session, batch.slice(0, Math.min(APPEND_AT_ONCE, events - at)));
  }
  let began = performance.now();
  while ((await core.states.keepUp()) > 0);
  const upkeepMs = performance.now() - began;
  const times: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const seq = Math.floor(Math.random() * events) + 1;
    began = performance.now();
    const state = await core.states.at(projectId, session, seq);
    times.push(performance.now() - began);
    if (state.seq !== seq || state.eventCount !== seq) throw new Error(`The state at ${seq} is another one.`);
  }
  const [slowest, middle] = [Math.max(...times), median(times)];
  console.log(`${events} events folded by upkeep in ${Math.round(upkeepMs)} ms`);
  console.log(`${looks} looks at random events: median ${middle.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`);
  return { slowest, median: middle };
}

/** Storage that checkpoints of one state add, as a share of what as many copies of it would. */
async function growthOf({ core, projectId }: OpenedCore, { checkpoints, stateKilobytes }: typeof DEFAULTS) {
  const title = 'A state that does not change';
  const { id: session } = await core.sessions.create(projectId, { title, initialPrompt: 'x' }, 'bench');
  // Random, so that nothing is saved by compressing it.
  const data = { files: randomBytes(stateKilobytes * 768).toString('base64') };
  const before = await storage(core.database);
  await core.sessions.addCheckpoint(projectId, session, { data });
  const state = (await storage(core.database)) - before;
  for (let n = 0; n < checkpoints; n += 1) await core.sessions.addCheckpoint(projectId, session, { data });
  const added = (await storage(core.database)) - before - state;
  const growth = added / (checkpoints * stateKilobytes * 1024);
  const each = Math.round(added / checkpoints);
  console.log(
    `a state of ${stateKilobytes} KB; ${checkpoints} more checkpoints of it add ${added} bytes, ${each} each`,
  );
  console.log(
    `that is ${(growth * 100).toFixed(3)} % of as many copies, ${((added / state) * 100).toFixed(1)} % of the state`,
  );
  return growth;
}

/** Bytes of the tables that checkpoints write, indexes and all. */
async function storage(database: OpenedCore['core']['database']): Promise<number> {
  const text = `SELECT sum(pg_total_relation_size(t))::double precision AS bytes
    FROM unnest(ARRAY['session_checkpoints', 'content_blobs', 'checkpoints_due', 'checkpoint_counters']::regclass[]) AS t`;
  const [row] = await database.query<{ bytes: number }>({ name: '', text });
  return Number(row?.bytes);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppendEvent, type Core, createCore, Migrator, PgDatabase } from '@signalbox/core';
import { insertTestProject, insertTestSession, startServerPostgres } from '@signalbox/core/testing';
import { pino } from 'pino';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { closedLoop } from '../closed-loop.ts';
import { type Contender, sideBySide } from '../side-by-side.ts';
import { BareInserts } from './bare-inserts.ts';

const ROUNDS = 7;
const SECONDS = 1.5;
const SESSIONS = 50;
const MANY = 32;

/** About what a coding agent's tool reports: 300 bytes of JSON. */
const EVENT = {
  type: 'tool_result',
  actor: 'agent-1',
  payload: {
    tool: 'edit',
    callId: 'call_01J9ZK3T',
    path: 'src/invoice/rounding.ts',
    ok: true,
    addedLines: 12,
    removedLines: 4,
    output: 'Replaced the sum of rounded amounts by the rounded sum of amounts. '.repeat(2),
  },
} as const satisfies AppendEvent;

/** The journal as the server has it, against one bare INSERT for each event on as many connections as there are writers. */
export const journalBenchmark: Benchmark = {
  about: `journal append, 1 and ${MANY} writers, against hand-written INSERTs on the same durable PostgreSQL`,
  run: async () => {
    const server = await startServerPostgres({ durable: true });
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
    const database = new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } });
    const bare = new BareInserts(server.connectionString);
    let core: Core | null = null;
    try {
      await new Migrator(database).up();
      core = createCore({ database, dataDir, nodeId: 'bench', logger: pino({ level: 'warn' }, pino.destination(2)) });
      core.start();
      return await compare(core, bare);
    } finally {
      await core?.close();
      await bare.close();
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function compare(core: Core, bare: BareInserts): Promise<Ratios> {
  const projectId = await insertTestProject(core.database);
  const sessions: string[] = [];
  while (sessions.length < SESSIONS) sessions.push(await insertTestSession(core.database, projectId));
  await bare.open(MANY, sessions);
  let appended = 0;
  let inserted = 0;
  const contender = (name: string, writers: number, write: (writer: number, session: string) => Promise<void>) => ({
    name,
    round: () =>
      closedLoop({ writers, seconds: SECONDS }, (writer, turn) =>
        write(writer, sessions[(writer + turn * writers) % SESSIONS] ?? ''),
      ),
  });
  const contenders = (writers: number): Contender[] => [
    contender('journal', writers, async (_writer, session) => {
      const receipts = await core.journal.append(projectId, session, [EVENT]);
      appended += receipts.length;
    }),
    contender('bare INSERT', writers, async (writer, session) => {
      await bare.insert(writer, session, EVENT);
      inserted++;
    }),
    contender('numbered INSERT', writers, async (writer, session) => {
      await bare.insertNumbered(writer, session, EVENT);
      inserted++;
    }),
  ];
  const settle = () => bare.checkpoint();
  const one = await sideBySide(contenders(1), { rounds: ROUNDS, settle });
  console.log(one.table('1 writer, events'));
  const many = await sideBySide(contenders(MANY), { rounds: ROUNDS, settle });
  console.log(many.table(`${MANY} writers, events`));
  let recorded = 0;
  for (const session of sessions) recorded += (await core.journal.head(projectId, session)).lastSeq;
  // What was not recorded must not count as speed.
  if (recorded !== appended) throw new Error(`${appended} appends were acknowledged, ${recorded} are recorded.`);
  if ((await bare.count()) !== inserted)
    throw new Error(`${inserted} rows were acknowledged, fewer or more are there.`);
  return {
    appendOneWriterVsBareInsert: one.ratio('journal', 'bare INSERT'),
    appendOneWriterVsNumberedInsert: one.ratio('journal', 'numbered INSERT'),
    [`append${MANY}WritersVsBareInsert`]: many.ratio('journal', 'bare INSERT'),
    [`append${MANY}WritersVsNumberedInsert`]: many.ratio('journal', 'numbered INSERT'),
  };
}

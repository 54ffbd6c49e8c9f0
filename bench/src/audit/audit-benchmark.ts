import { randomBytes } from 'node:crypto';
import {
  AuditSealer,
  PgDatabase,
  recordAudits,
  type SealHead,
  type SealKey,
  systemClock,
  verifyAudit,
} from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { median } from '../side-by-side.ts';

const DEFAULTS = { rows: 100_000, rounds: 5 };
const LIMIT_MS_PER_ROW = 5_000 / 100_000;
const AT_ONCE = 500;

/** Checking the seals of a project's whole audit. */
export const auditBenchmark: Benchmark = {
  about: 'verify of 100,000 sealed audit events, against 5 s',
  run: async (args) => {
    const { rows, rounds } = countOptions(args, DEFAULTS);
    const server = await startServerPostgres({ durable: true });
    let opened: OpenedCore | null = null;
    try {
      opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } }));
      const { key, heads } = await sealedRows(opened, rows);
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const began = performance.now();
        const report = await verifyAudit(opened.core.database, opened.projectId, [key], heads);
        times.push(performance.now() - began);
        if (!report.ok || report.sealed !== rows || report.unsealed !== 0)
          throw new Error(`The record is not as it was sealed: ${JSON.stringify(report)}`);
      }
      const [slowest, middle] = [Math.max(...times), median(times)];
      console.log(`${rows} events verified: median ${Math.round(middle)} ms, slowest ${Math.round(slowest)} ms`);
      const limit = LIMIT_MS_PER_ROW * rows;
      return { limitVsVerify: limit / middle, limitVsSlowestVerify: limit / slowest };
    } finally {
      await opened?.close();
      await server.stop();
    }
  },
};

async function sealedRows({ core, projectId }: OpenedCore, rows: number): Promise<{ key: SealKey; heads: SealHead[] }> {
  const key = { id: 'bench', secret: randomBytes(32) };
  const heads: SealHead[] = [];
  const sealer = new AuditSealer({
    database: core.database,
    clock: systemClock,
    key,
    keepHead: (head) => void heads.push(head),
    onError: (error) => {
      throw error;
    },
  });
  for (let made = 0; made < rows; made += AT_ONCE) {
    const entries = Array.from({ length: Math.min(AT_ONCE, rows - made) }, (_, n) => ({
      actor: 'bench',
      actorRole: 'operator',
      action: 'session.update',
      subjectType: 'session',
      subjectId: `session-${made + n}`,
      versionBefore: n,
      versionAfter: n + 1,
      changes: {
        title: { before: `Work no. ${n}`, after: `Work no. ${n + 1}` },
        status: { before: 'queued', after: 'running' },
      },
      details: { attempt: 1, reason: 'measured' },
    }));
    await core.database.transaction((tx) => recordAudits(tx, projectId, entries));
  }
  const began = performance.now();
  await sealer.sealAll();
  console.log(`${rows} events sealed in ${Math.round(performance.now() - began)} ms`);
  return { key, heads };
}

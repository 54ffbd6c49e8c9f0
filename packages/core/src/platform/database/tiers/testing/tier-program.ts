import { createInterface } from 'node:readline';
import pg from 'pg';
import { systemClock } from '../../../clock/clock.ts';
import { SignalboxError } from '../../../errors/index.ts';
import type { EmbeddedKind } from '../index.ts';
import { openTier } from '../index.ts';

/*
 * A program that holds a data directory, for tests that start two of them, kill them, or run them as another user.
 *
 *   node tier-program.ts <data directory> [postgres|pglite]
 *
 * It prints one JSON object a line. On its input it takes `write <n>` (n acknowledged inserts) and
 * `close`; SIGINT makes it write once more and then close, as a program does that drains.
 */

const [dataDir, embedded] = process.argv.slice(2);
if (!dataDir) throw new Error('Which data directory?');
const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);
const started = performance.now();

try {
  const tier = await openTier(
    { databaseUrl: null, dataDir, embedded: (embedded as EmbeddedKind | undefined) ?? null },
    { clock: systemClock, programVersion: '0.0.0-test' },
  );
  const { kind, version, adopted, notice } = tier;
  await tier.announce('http://127.0.0.1:4780');
  const pool = new pg.Pool(tier.poolConfig);
  // The pool's end resolves before its connections are gone, so that closing may find one of them still open.
  let closing = false;
  pool.on('error', (error) => {
    if (!closing) say({ event: 'connection lost', message: error.message });
  });
  await pool.query(
    'CREATE TABLE IF NOT EXISTS written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)',
  );
  say({ event: 'open', kind, version, adopted, notice, pid: process.pid, ms: Math.round(performance.now() - started) });

  const write = async (count: number) => {
    for (let i = 0; i < count; i += 1) await pool.query(`INSERT INTO written (note) VALUES ('x')`);
    const { rows } = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM written');
    say({ event: 'written', rows: rows[0]?.count });
  };
  const close = async () => {
    closing = true;
    await pool.end();
    await tier.close();
    say({ event: 'closed' });
    process.exit(0);
  };
  const fail = (error: unknown) => {
    say({ event: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exit(4);
  };
  process.on('SIGINT', () => write(1).then(close).catch(fail));
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [verb, count] = line.split(' ');
    const work =
      verb === 'write'
        ? write(Number(count))
        : verb === 'close'
          ? close()
          : Promise.reject(new Error(`Unknown request ${line}`));
    work.catch(fail);
  });
} catch (error) {
  if (!SignalboxError.is(error)) throw error;
  say({ event: 'refused', code: error.code, message: error.message });
  process.exit(3);
}

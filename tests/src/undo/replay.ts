import { Migrator, PgDatabase } from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import { replayHistory } from './replay-history.ts';

/** `npm run replay-history -w @signalbox/tests -- [repository] [commits] [rounds] [seed]` */
const [repository = process.cwd(), commits = '200', rounds = '100', seed = '1'] = process.argv.slice(2);
const postgres = await startServerPostgres({ durable: false });
const database = new PgDatabase({ kind: 'server', pool: { connectionString: postgres.connectionString } });
try {
  await new Migrator(database).up();
  const sizes = { commits: Number(commits), rounds: Number(rounds), seed: Number(seed) };
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const outcome = await replayHistory({ database, repository, ...sizes, say });
  process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
  process.exitCode = outcome.different.length === 0 ? 0 : 1;
} finally {
  await database.close();
  await postgres.stop();
}

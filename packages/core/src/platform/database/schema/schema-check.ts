import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SignalboxError } from '../../errors/index.ts';
import type { PgDatabase } from '../pg-database.ts';
import { MIGRATIONS_DIRECTORY } from './migrator.ts';
import { compareSchemas, describeSchema } from './schema-description.ts';

/** The committed description of what all migrations together make; rewritten by `npm run schema`. */
export const SCHEMA_FILE = join(MIGRATIONS_DIRECTORY, '..', 'schema.json');

/** Differences between the database and what the migrations make (CTL-004, ORC-156); empty when there are none. */
export async function schemaDrift(database: PgDatabase): Promise<string[]> {
  const expected = z.array(z.string()).parse(JSON.parse(await readFile(SCHEMA_FILE, 'utf8')));
  return database.withClient(async (client) => compareSchemas(expected, await describeSchema(client)));
}

/** @throws SCHEMA_DRIFT naming the first difference and their number. */
export async function verifySchema(database: PgDatabase): Promise<void> {
  const drift = await schemaDrift(database);
  if (drift.length === 0) return;
  throw new SignalboxError('SCHEMA_DRIFT', { difference: `${drift[0]} (${drift.length} in all)`, differences: drift });
}

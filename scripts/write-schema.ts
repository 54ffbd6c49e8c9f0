import { writeFile } from 'node:fs/promises';
import { PgDatabase } from '../packages/core/src/platform/database/index.ts';
import { describeSchema, Migrator, SCHEMA_FILE } from '../packages/core/src/platform/database/schema/index.ts';
import { startServerPostgres } from '../packages/core/src/testing/server-postgres.ts';

/** Rewrites the committed description of the schema from the migrations. Run it after changing one: `npm run schema`. */
const server = await startServerPostgres();
const database = new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } });
await new Migrator(database).up();
await writeFile(SCHEMA_FILE, `${JSON.stringify(await database.withClient(describeSchema), null, 2)}\n`);
await database.close();
await server.stop();

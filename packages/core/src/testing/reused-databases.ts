import pg from 'pg';

/** Everything that makes up the schema but the tables' files, which emptying them changes. */
const SCHEMA = `SELECT md5(string_agg(part, ' ')) AS digest FROM (
  SELECT format('%s', string_agg(oid || ':' || xmin, ',' ORDER BY oid)) AS part FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT string_agg(oid || ':' || xmin, ',' ORDER BY oid) FROM pg_trigger
  UNION ALL SELECT string_agg(oid || ':' || xmin, ',' ORDER BY oid) FROM pg_constraint
  UNION ALL SELECT string_agg(oid || relname || coalesce(reloptions::text, ''), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
  UNION ALL SELECT string_agg(attrelid || ':' || attnum || ':' || xmin, ',' ORDER BY attrelid, attnum) FROM pg_attribute a
    WHERE attrelid >= 16384 AND EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = a.attrelid AND c.relkind = 'r')
  UNION ALL SELECT string_agg(setting::text, ',') FROM (SELECT unnest(setconfig) AS setting FROM pg_db_role_setting) AS s
) AS parts`;

/** Tables that have rows, but for some. */
const FULL = `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND (xpath('/row/found/text()', query_to_xml(format('SELECT EXISTS (SELECT 1 FROM %I.%I) AS found', n.nspname, c.relname), false, true, '')))[1]::text = 'true'
    AND format('%I.%I', n.nspname, c.relname) <> ALL ($1::text[])`;
const RESTART = `DO $$ DECLARE v_name text; BEGIN
  FOR v_name IN SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %s RESTART', v_name);
  END LOOP;
END $$`;

/** How a database is that was just migrated. */
interface Pristine {
  schema: string;
  /** Tables that migrations have filled. */
  filled: string[];
}

/**
 * Migrated databases of one kind. One that a test of this file has left is emptied and taken again: making one costs more than most tests
 * do. One whose schema the test has changed is not.
 */
export class ReusedDatabases<T> {
  readonly #make: () => Promise<T>;
  readonly #connection: (made: T) => pg.ClientConfig;
  readonly #drop: (made: T) => Promise<void>;
  #pristine: Pristine | null = null;
  #free: T | null = null;

  constructor(parts: {
    make: () => Promise<T>;
    connection: (made: T) => pg.ClientConfig;
    drop: (made: T) => Promise<void>;
  }) {
    this.#make = parts.make;
    this.#connection = parts.connection;
    this.#drop = parts.drop;
  }

  async take(): Promise<T> {
    const free = this.#free;
    this.#free = null;
    if (free !== null) return free;
    const made = await this.#make();
    this.#pristine ??= await this.#ask(made, async (client) => ({
      schema: await schemaOf(client),
      filled: await fullTables(client, []),
    }));
    return made;
  }

  async leave(made: T): Promise<void> {
    const pristine = this.#pristine;
    const clean =
      pristine !== null &&
      this.#free === null &&
      (await this.#ask(made, (client) => empty(client, pristine)).catch(() => false));
    if (clean && this.#free === null) this.#free = made;
    else await this.#drop(made);
  }

  async #ask<R>(made: T, work: (client: pg.Client) => Promise<R>): Promise<R> {
    const client = new pg.Client(this.#connection(made));
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

async function empty(client: pg.Client, { schema, filled }: Pristine): Promise<boolean> {
  // Connections that the test has forgotten.
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`);
  if ((await schemaOf(client)) !== schema) return false;
  const full = await fullTables(client, filled);
  // Some tables refuse to be emptied.
  await client.query('SET session_replication_role = replica');
  if (full.length > 0) await client.query(`TRUNCATE ${full.join(', ')} CASCADE`);
  await client.query(RESTART);
  return true;
}

async function schemaOf(client: pg.Client): Promise<string> {
  return (await client.query<{ digest: string }>(SCHEMA)).rows[0]?.digest ?? '';
}

async function fullTables(client: pg.Client, but: readonly string[]): Promise<string[]> {
  return (await client.query<{ name: string }>(FULL, [but])).rows.map(({ name }) => name);
}

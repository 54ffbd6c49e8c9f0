import type pg from 'pg';

interface ForeignKey {
  table: string;
  name: string;
  definition: string;
}

interface Trigger {
  table: string;
  name: string;
  /** 'O' fires in ordinary sessions, 'A' always; others do not fire while we load. */
  state: 'O' | 'A';
}

/**
 * Takes user triggers and foreign keys out of the way of rows that come in any order and must not be changed or followed up, and gives the function
 * that puts them back. Only the tables' owner is needed for it (`session_replication_role` wants a superuser, which managed servers do not give),
 * and putting a foreign key back checks every row. Triggers of
 * partitions follow those of the table that they belong to. All of it is part of the present transaction.
 */
export async function setAside(client: pg.ClientBase): Promise<() => Promise<void>> {
  const { rows: triggers } = await client.query<Trigger>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table, quote_ident(t.tgname) AS name, t.tgenabled AS state
       FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled IN ('O', 'A') AND n.nspname !~ '^pg_'
      ORDER BY 1, 2`,
  );
  const { rows: keys } = await client.query<ForeignKey>(
    `SELECT k.conrelid::regclass::text AS table, quote_ident(k.conname) AS name, pg_get_constraintdef(k.oid) AS definition
       FROM pg_constraint k
      WHERE k.contype = 'f' AND k.conparentid = 0
      ORDER BY 1, 2`,
  );
  for (const { table, name } of triggers) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);
  for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  return async () => {
    // Whatever is deferred has to be settled before a table can be altered.
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    for (const { table, name, definition } of keys) {
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
    }
    for (const { table, name, state } of triggers) {
      await client.query(`ALTER TABLE ${table} ENABLE ${state === 'A' ? 'ALWAYS ' : ''}TRIGGER ${name}`);
    }
  };
}

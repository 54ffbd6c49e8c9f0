import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** What every contender writes for one event, as `pg` takes it. */
export interface BareEvent {
  type: string;
  actor: string;
  payload: unknown;
}

/** What people would write by hand: one statement for one event, on a connection of its own for each writer. */
export class BareInserts {
  readonly #clients: pg.Client[] = [];
  readonly #connectionString: string;

  constructor(connectionString: string) {
    this.#connectionString = connectionString;
  }

  async open(writers: number, sessions: readonly string[]): Promise<void> {
    for (let writer = 0; writer < writers; writer++) {
      const client = new pg.Client({ connectionString: this.#connectionString });
      await client.connect();
      this.#clients.push(client);
    }
    const client = this.#client(0);
    const columns = 'session_id uuid NOT NULL, event_id uuid NOT NULL, type text NOT NULL, actor text NOT NULL';
    const rest = 'payload jsonb, occurred_at timestamptz NOT NULL';
    await client.query(
      `CREATE TABLE bare_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${columns}, ${rest})`,
    );
    await client.query(`CREATE TABLE numbered_heads (session_id uuid PRIMARY KEY, last_seq bigint NOT NULL)`);
    await client.query(
      `CREATE TABLE numbered_events (seq bigint, ${columns}, ${rest}, PRIMARY KEY (session_id, seq), UNIQUE (session_id, event_id))`,
    );
    await client.query(`INSERT INTO numbered_heads SELECT id, 0 FROM unnest($1::uuid[]) AS s (id)`, [sessions]);
  }

  /** The least that records an event: no number within its session, nothing that recognises a repetition. */
  async insert(writer: number, session: string, event: BareEvent): Promise<void> {
    await this.#client(writer).query({
      name: 'bare',
      text: `INSERT INTO bare_events (session_id, event_id, type, actor, payload, occurred_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      values: values(session, event),
    });
  }

  /** An event with a gap-free number within its session, recognised when repeated: two of the journal's promises. */
  async insertNumbered(writer: number, session: string, event: BareEvent): Promise<void> {
    await this.#client(writer).query({
      name: 'numbered',
      text: `WITH head AS (UPDATE numbered_heads SET last_seq = last_seq + 1 WHERE session_id = $1 RETURNING last_seq)
             INSERT INTO numbered_events (seq, session_id, event_id, type, actor, payload, occurred_at)
             SELECT last_seq, $1, $2, $3, $4, $5, $6 FROM head`,
      values: values(session, event),
    });
  }

  /** Rows in both tables. */
  async count(): Promise<number> {
    const { rows } = await this.#client(0).query<{ count: string }>(
      `SELECT (SELECT count(*) FROM bare_events) + (SELECT count(*) FROM numbered_events) AS count`,
    );
    return Number(rows[0]?.count);
  }

  /** Writes out what is pending, so that no round pays for the one before. */
  async checkpoint(): Promise<void> {
    await this.#client(0).query('CHECKPOINT');
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.end();
  }

  #client(writer: number): pg.Client {
    const client = this.#clients[writer];
    if (!client) throw new Error(`There is no connection for writer ${writer}.`);
    return client;
  }
}

function values(session: string, { type, actor, payload }: BareEvent): unknown[] {
  return [session, randomUUID(), type, actor, JSON.stringify(payload), new Date().toISOString()];
}

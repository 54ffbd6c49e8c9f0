import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type BrowserSession, browserSessionSchema } from './browser-session.ts';

const COLUMNS = 's.id, s.project_id, s.key_id, k.name AS key_name, k.role, s.created_at, s.last_seen_at, s.expires_at';
/** Neither over nor idle at $1 for $2 seconds, and opened with a secret that its key still takes. */
const LIVE = `FROM browser_sessions s JOIN api_keys k ON k.project_id = s.project_id AND k.id = s.key_id
   WHERE s.expires_at > $1 AND s.last_seen_at > $1::timestamptz - $2 * interval '1 second'
     AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
     AND (k.secret_digest = s.key_digest OR (k.previous_digest = s.key_digest AND k.previous_until > now()))`;

const INSERT = statement(
  'browser_sessions.insert',
  `INSERT INTO browser_sessions (id, project_id, key_id, secret_digest, key_digest, created_at, last_seen_at, expires_at)
   VALUES ($2, $1, $3, $4, $5, $6, $6, $6::timestamptz + $7 * interval '1 second') RETURNING expires_at`,
);
const BY_DIGEST = statement('browser_sessions.by_digest', `SELECT ${COLUMNS} ${LIVE} AND s.secret_digest = $3`);
const LIST = statement(
  'browser_sessions.list',
  `SELECT ${COLUMNS}, count(*) OVER () AS total ${LIVE} AND s.project_id = $3 ORDER BY s.created_at, s.id LIMIT $4 OFFSET $5`,
);
const COUNT = statement('browser_sessions.count', `SELECT count(*) AS total ${LIVE} AND s.project_id = $3`);
const SEEN = statement(
  'browser_sessions.seen',
  'UPDATE browser_sessions SET last_seen_at = $3 WHERE project_id = $1 AND id = $2 AND last_seen_at < $3',
);
const END = statement(
  'browser_sessions.end',
  'DELETE FROM browser_sessions WHERE project_id = $1 AND id = $2 RETURNING key_id',
);
const END_OF_KEY = statement(
  'browser_sessions.end_of_key',
  'DELETE FROM browser_sessions WHERE project_id = $1 AND key_id = $2 RETURNING id',
);
const PRUNE = statement(
  'browser_sessions.prune',
  `DELETE FROM browser_sessions WHERE project_id = $1
     AND (expires_at <= $2 OR last_seen_at <= $2::timestamptz - $3 * interval '1 second')`,
);

/** When one is looked at, and how long it may have been idle. */
export interface LiveAt {
  now: Date;
  idleSeconds: number;
}

export interface NewBrowserSession {
  id: string;
  keyId: string;
  digest: Buffer;
  keyDigest: Buffer;
  at: Date;
  seconds: number;
}

/** @returns until when it may live. */
export async function insertBrowserSession(db: Executor, projectId: string, made: NewBrowserSession): Promise<Date> {
  const { id, keyId, digest, keyDigest, at, seconds } = made;
  const [row] = await db.query<{ expires_at: Date }>(INSERT, [projectId, id, keyId, digest, keyDigest, at, seconds]);
  return (row as { expires_at: Date }).expires_at;
}

/** The live one whose secret has this digest, of whatever project: its key decides the project. */
export async function findLiveBrowserSession(
  db: Executor,
  digest: Buffer,
  { now, idleSeconds }: LiveAt,
): Promise<BrowserSession | null> {
  const [row] = await db.query<CamelRow>(BY_DIGEST, [now, idleSeconds, digest]);
  return row ? toBrowserSession(row) : null;
}

/** Live ones, the oldest first. */
export async function listBrowserSessions(
  db: Executor,
  projectId: string,
  { now, idleSeconds }: LiveAt,
  limit: number,
  offset: number,
): Promise<{ items: BrowserSession[]; total: number }> {
  const live = [now, idleSeconds, projectId];
  const rows = await db.query<CamelRow & { total: string }>(LIST, [...live, limit, offset]);
  const [count] = rows.length > 0 ? rows : await db.query<{ total: string }>(COUNT, live);
  return { items: rows.map(toBrowserSession), total: Number(count?.total ?? 0) };
}

export async function seeBrowserSession(db: Executor, projectId: string, id: string, at: Date): Promise<void> {
  await db.query(SEEN, [projectId, id, at]);
}

/** False where there is none. */
export async function endBrowserSession(db: Executor, projectId: string, id: string): Promise<boolean> {
  return (await db.query(END, [projectId, id])).length > 0;
}

/** @returns how many those were. */
export async function endBrowserSessionsOf(db: Executor, projectId: string, keyId: string): Promise<number> {
  return (await db.query(END_OF_KEY, [projectId, keyId])).length;
}

/** Removes those that are over. */
export async function pruneBrowserSessions(
  db: Executor,
  projectId: string,
  { now, idleSeconds }: LiveAt,
): Promise<void> {
  await db.query(PRUNE, [projectId, now, idleSeconds]);
}

function toBrowserSession(row: CamelRow): BrowserSession {
  return browserSessionSchema.parse(camelRow(row));
}

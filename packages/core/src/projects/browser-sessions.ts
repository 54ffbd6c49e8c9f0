import { recordAudit } from '../audit/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { findLiveKey } from './api-key-store.ts';
import { BROWSER_SESSION_IDLE_SECONDS, BROWSER_SESSION_SECONDS, type BrowserSession } from './browser-session.ts';
import {
  endBrowserSession,
  findLiveBrowserSession,
  insertBrowserSession,
  listBrowserSessions,
  pruneBrowserSessions,
  seeBrowserSession,
} from './browser-session-store.ts';
import { digestOf, SECRET_BYTES } from './secret-digest.ts';

/** Seen is noted at most so often, in milliseconds. */
const NOTED_MS = 60_000;

/** Browser sessions: a key shown once is kept by no page, and what the browser has in its place can be taken away. */
export class BrowserSessions {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(parts: { database: Database; clock: Clock; ids: Ids }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /**
   * Opens one for whoever shows a key; `secret` is for the cookie, answered this once and kept as a digest only.
   * @param replaced the secret that the browser had until now: nobody holds it any more, so its session is over.
   * @throws BROWSER_SESSION_NEEDS_KEY where it is no live key of the project
   */
  async open(
    projectId: string,
    keySecret: string,
    replaced: string | null = null,
  ): Promise<{ session: BrowserSession; secret: string }> {
    const secret = this.#ids.secret(SECRET_BYTES);
    const at = this.#clock.now();
    const keyDigest = digestOf(keySecret);
    const session = await this.#database.transaction(async (tx) => {
      const key = await findLiveKey(tx, keyDigest);
      if (key?.projectId !== projectId) throw new SignalboxError('BROWSER_SESSION_NEEDS_KEY');
      await pruneBrowserSessions(tx, projectId, this.#liveAt(at));
      const old = replaced === null ? null : await findLiveBrowserSession(tx, digestOf(replaced), this.#liveAt(at));
      if (old) await end(tx, old.projectId, old.id, old.keyName);
      const id = this.#ids.uuid();
      const made = { id, keyId: key.id, digest: digestOf(secret), keyDigest, at, seconds: BROWSER_SESSION_SECONDS };
      const expiresAt = await insertBrowserSession(tx, projectId, made);
      await recordAudit(tx, projectId, {
        actor: key.name,
        action: 'browser_session.open',
        subjectType: 'browser_session',
        subjectId: id,
        details: { key: key.id, role: key.role, expiresAt: expiresAt.toISOString() },
      });
      const [createdAt, lastSeenAt] = [at.toISOString(), at.toISOString()];
      const { id: keyId, name: keyName, role } = key;
      return { id, projectId, keyId, keyName, role, createdAt, lastSeenAt, expiresAt: expiresAt.toISOString() };
    });
    return { session, secret };
  }

  /** The live one with this secret, or null. */
  async authenticate(secret: string): Promise<BrowserSession | null> {
    const now = this.#clock.now();
    const session = await findLiveBrowserSession(this.#database, digestOf(secret), this.#liveAt(now));
    if (session && now.getTime() - Date.parse(session.lastSeenAt) >= NOTED_MS) {
      await seeBrowserSession(this.#database, session.projectId, session.id, now);
    }
    return session;
  }

  /** A page of those that are live, the oldest first. */
  async list(projectId: string, page: number, pageSize: number): Promise<{ items: BrowserSession[]; total: number }> {
    const at = this.#liveAt(this.#clock.now());
    return listBrowserSessions(this.#database, projectId, at, pageSize, (page - 1) * pageSize);
  }

  /** Its cookie works no more from now on. @throws BROWSER_SESSION_NOT_FOUND */
  async end(projectId: string, id: string, actor: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      if (!(await end(tx, projectId, id, actor))) throw new SignalboxError('BROWSER_SESSION_NOT_FOUND', { id });
    });
  }

  #liveAt(now: Date) {
    return { now, idleSeconds: BROWSER_SESSION_IDLE_SECONDS };
  }
}

/** False where there is none, or somebody else has ended it. */
async function end(tx: Transaction, projectId: string, id: string, actor: string): Promise<boolean> {
  const ended = await endBrowserSession(tx, projectId, id);
  if (ended) {
    await recordAudit(tx, projectId, {
      actor,
      action: 'browser_session.end',
      subjectType: 'browser_session',
      subjectId: id,
    });
  }
  return ended;
}

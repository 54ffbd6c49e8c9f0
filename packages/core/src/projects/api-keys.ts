import { recordAudit } from '../audit/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { type ApiKey, type CreateKey, createKeySchema, type RotateKey, rotateKeySchema } from './api-key.ts';
import { findLiveKey, getKey, insertKey, listKeys, noteKeyUse, revokeKey, rotateKey } from './api-key-store.ts';
import { endBrowserSessionsOf } from './browser-session-store.ts';
import { digestOf, SECRET_BYTES } from './secret-digest.ts';

/** What every secret starts with, so that scanners and people recognise one. */
const SECRET_PREFIX = 'sbx_';
/** Uses are noted at most so often, in milliseconds: keys are used thousands of times a second. */
const NOTED_MS = 60_000;
/** Of how many keys this process remembers when it noted their use. */
const MOST_NOTED = 10_000;

/** API keys: each belongs to one project and carries one role. */
export class ApiKeys {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #noted = new Map<string, number>();

  constructor(parts: { database: Database; clock: Clock; ids: Ids }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** Makes a key; `secret` is answered this once and never again. */
  async create(projectId: string, input: CreateKey, actor: string): Promise<{ key: ApiKey; secret: string }> {
    const wanted = createKeySchema.parse(input);
    const { secret, ...kept } = this.#newSecret();
    const key = await this.#database.transaction(async (tx) => {
      const made = await insertKey(tx, projectId, {
        ...wanted,
        id: this.#ids.uuid(),
        ...kept,
        createdBy: actor,
      });
      await recordAudit(tx, projectId, {
        actor,
        action: 'key.create',
        subjectType: 'key',
        subjectId: made.id,
        versionAfter: made.version,
        details: { name: made.name, role: made.role },
      });
      return made;
    });
    return { key, secret };
  }

  /** The live key with this secret, or null. The digest is looked up, so nothing is compared byte by byte. */
  async authenticate(secret: string): Promise<ApiKey | null> {
    const key = secret.startsWith(SECRET_PREFIX) ? await findLiveKey(this.#database, digestOf(secret)) : null;
    if (key) await this.#noteUse(key);
    return key;
  }

  async #noteUse({ id, projectId }: ApiKey): Promise<void> {
    const at = this.#clock.now();
    const noted = this.#noted.get(id);
    if (noted !== undefined && at.getTime() - noted < NOTED_MS) return;
    if (this.#noted.size >= MOST_NOTED) this.#noted.clear();
    this.#noted.set(id, at.getTime());
    await noteKeyUse(this.#database, projectId, id, at);
  }

  #newSecret(): { secret: string; prefix: string; digest: Buffer } {
    const secret = `${SECRET_PREFIX}${this.#ids.secret(SECRET_BYTES)}`;
    return { secret, prefix: secret.slice(0, SECRET_PREFIX.length + 6), digest: digestOf(secret) };
  }

  /**
   * Gives a key another secret, which is answered this once; the one before works on for as long as it is granted.
   * @throws KEY_NOT_FOUND, KEY_REVOKED, OPTIMISTIC_LOCK, VALIDATION_FAILED
   */
  async rotate(
    projectId: string,
    id: string,
    version: number,
    input: RotateKey,
    actor: string,
  ): Promise<{ key: ApiKey; secret: string }> {
    const { graceSeconds, expiresInSeconds } = parseInput(rotateKeySchema, input);
    const { secret, ...kept } = this.#newSecret();
    const key = await this.#database.transaction(async (tx) => {
      const rotated = await rotateKey(tx, projectId, id, version, { ...kept, graceSeconds, expiresInSeconds });
      if (!rotated) {
        const there = await getKey(tx, projectId, id);
        if (!there) throw new SignalboxError('KEY_NOT_FOUND', { id });
        if (there.revokedAt) throw new SignalboxError('KEY_REVOKED', { id });
        throw new SignalboxError('OPTIMISTIC_LOCK', { noun: 'key', id, expected: there.version, received: version });
      }
      await recordAudit(tx, projectId, {
        actor,
        action: 'key.rotate',
        subjectType: 'key',
        subjectId: id,
        versionBefore: version,
        versionAfter: rotated.version,
        details: { prefix: rotated.prefix, graceSeconds, expiresAt: rotated.expiresAt },
      });
      return rotated;
    });
    return { key, secret };
  }

  async list(projectId: string, page: number, pageSize: number): Promise<{ items: ApiKey[]; total: number }> {
    return listKeys(this.#database, projectId, pageSize, (page - 1) * pageSize);
  }

  /** Ends its browser sessions as well. Revoking twice answers the revoked key. @throws KEY_NOT_FOUND, OPTIMISTIC_LOCK */
  async revoke(projectId: string, id: string, version: number, actor: string): Promise<ApiKey> {
    return this.#database.transaction(async (tx) => {
      const revoked = await revokeKey(tx, projectId, id, version);
      if (!revoked) {
        const there = await getKey(tx, projectId, id);
        if (!there) throw new SignalboxError('KEY_NOT_FOUND', { id });
        if (there.revokedAt) return there;
        throw new SignalboxError('OPTIMISTIC_LOCK', { noun: 'key', id, expected: there.version, received: version });
      }
      const browserSessions = await endBrowserSessionsOf(tx, projectId, id);
      await recordAudit(tx, projectId, {
        actor,
        action: 'key.revoke',
        subjectType: 'key',
        subjectId: id,
        versionBefore: version,
        versionAfter: revoked.version,
        details: { browserSessions },
      });
      return revoked;
    });
  }
}

import { createHash } from 'node:crypto';
import { recordAudit } from '../audit/index.ts';
import type { Database } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { type ApiKey, type CreateKey, createKeySchema } from './api-key.ts';
import { findLiveKey, getKey, insertKey, listKeys, revokeKey } from './api-key-store.ts';

/** What every secret starts with, so that scanners and people recognise one. */
const SECRET_PREFIX = 'sbx_';
/** 256 bits: guessing is hopeless, so a plain digest (no slow hash) is enough to keep. */
const SECRET_BYTES = 32;

/** API keys: each belongs to one project and carries one role. */
export class ApiKeys {
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(parts: { database: Database; ids: Ids }) {
    this.#database = parts.database;
    this.#ids = parts.ids;
  }

  /** Makes a key; `secret` is answered this once and never again. */
  async create(projectId: string, input: CreateKey, actor: string): Promise<{ key: ApiKey; secret: string }> {
    const wanted = createKeySchema.parse(input);
    const secret = `${SECRET_PREFIX}${this.#ids.secret(SECRET_BYTES)}`;
    const key = await this.#database.transaction(async (tx) => {
      const made = await insertKey(tx, projectId, {
        ...wanted,
        id: this.#ids.uuid(),
        prefix: secret.slice(0, SECRET_PREFIX.length + 6),
        digest: digest(secret),
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
    return secret.startsWith(SECRET_PREFIX) ? findLiveKey(this.#database, digest(secret)) : null;
  }

  async list(projectId: string, page: number, pageSize: number): Promise<{ items: ApiKey[]; total: number }> {
    return listKeys(this.#database, projectId, pageSize, (page - 1) * pageSize);
  }

  /** Revoking twice answers the revoked key. @throws KEY_NOT_FOUND, OPTIMISTIC_LOCK */
  async revoke(projectId: string, id: string, version: number, actor: string): Promise<ApiKey> {
    return this.#database.transaction(async (tx) => {
      const revoked = await revokeKey(tx, projectId, id, version);
      if (!revoked) {
        const there = await getKey(tx, projectId, id);
        if (!there) throw new SignalboxError('KEY_NOT_FOUND', { id });
        if (there.revokedAt) return there;
        throw new SignalboxError('OPTIMISTIC_LOCK', { noun: 'key', id, expected: there.version, received: version });
      }
      await recordAudit(tx, projectId, {
        actor,
        action: 'key.revoke',
        subjectType: 'key',
        subjectId: id,
        versionBefore: version,
        versionAfter: revoked.version,
      });
      return revoked;
    });
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

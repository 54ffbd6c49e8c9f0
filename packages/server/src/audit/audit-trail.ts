import { join } from 'node:path';
import {
  type AuditReport,
  AuditSealer,
  type Core,
  dropAuditPartitions,
  keepSealHead,
  makeAuditPartitions,
  readSealHeads,
  type SealKey,
  verifyAudit,
} from '@signalbox/core';
import { sealKeyFile, sealKeys } from './seal-keys.ts';

/** The audit rows of this node's database together with what is kept of them outside: keys and heads of seals. */
export class AuditTrail {
  readonly #core: Core;
  readonly #keys: readonly [SealKey, ...SealKey[]];
  readonly #headsFile: string;
  readonly #sealer: AuditSealer;

  private constructor(core: Core, keys: readonly [SealKey, ...SealKey[]], headsFile: string) {
    this.#core = core;
    this.#keys = keys;
    this.#headsFile = headsFile;
    this.#sealer = new AuditSealer({
      database: core.database,
      clock: core.clock,
      key: this.#key,
      keepHead: (head) => keepSealHead(headsFile, head),
      onError: (error) => core.logger.warn({ err: error }, 'audit events could not be sealed'),
    });
  }

  /** @param configured the secret that several nodes share; null takes the one in the data directory. */
  static async open(core: Core, dataDir: string, configured: string | null): Promise<AuditTrail> {
    const keys = await sealKeys(sealKeyFile(dataDir), configured, core.ids);
    return new AuditTrail(core, keys, join(dataDir, 'audit-heads.jsonl'));
  }

  /** Seals what has been written since. */
  async seal(): Promise<void> {
    await this.#sealer.sealAll();
  }

  async verify(projectId: string): Promise<AuditReport> {
    return verifyAudit(this.#core.database, projectId, this.#keys, await readSealHeads(this.#headsFile));
  }

  /** @param keepFor milliseconds of audit rows that stay; null keeps all. */
  async partition(daysAhead: number, keepFor: number | null): Promise<void> {
    const { database, clock } = this.#core;
    const now = clock.now();
    await makeAuditPartitions(database, now, daysAhead);
    if (keepFor !== null) await dropAuditPartitions(database, new Date(now.getTime() - keepFor), this.#key, clock);
  }

  get #key(): SealKey {
    return this.#keys.at(-1) ?? this.#keys[0];
  }
}

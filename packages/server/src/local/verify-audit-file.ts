import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type AuditReport,
  type ConfigurationSources,
  loadConfiguration,
  readSealHeads,
  verifySealedExport,
} from '@signalbox/core';
import { existingSealKeys, sealKeyFile } from '../audit/seal-keys.ts';

/**
 * Checks a sealed export without any database, with the keys and the heads of seals that the configured data directory keeps.
 * @throws AUDIT_EXPORT_UNREADABLE, AUDIT_SEAL_KEY_MISSING
 */
export async function verifyAuditFile(sources: ConfigurationSources, path: string): Promise<AuditReport> {
  const { dataDir, audit } = loadConfiguration(sources).values;
  const keys = await existingSealKeys(sealKeyFile(dataDir), audit.sealKey);
  const heads = await readSealHeads(join(dataDir, 'audit-heads.jsonl'));
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  return verifySealedExport(lines, keys, heads);
}

import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import { type Ids, type SealKey, SignalboxError } from '@signalbox/core';
import { keptSecrets, readSecrets } from '../keys/kept-secrets.ts';

/**
 * The keys with which audit seals are made and checked, the newest last. They live outside of the database, so that
 * whoever can write there cannot make seals (design.md §5): from the configuration where several nodes must share them,
 * else from a file that is made at the first start and can be read by its owner only.
 */
export async function sealKeys(file: string, configured: string | null, ids: Ids): Promise<[SealKey, ...SealKey[]]> {
  const kept = configured === null ? await keptSecrets(file, ids) : [configured];
  const [first = '', ...rest] = kept;
  return [keyOf(first), ...rest.map(keyOf)];
}

/** {@link sealKeys} that are there already, for whoever only checks. @throws AUDIT_SEAL_KEY_MISSING */
export async function existingSealKeys(file: string, configured: string | null): Promise<SealKey[]> {
  if (configured !== null) return [keyOf(configured)];
  try {
    return (await readSecrets(file)).map(keyOf);
  } catch (error) {
    throw new SignalboxError('AUDIT_SEAL_KEY_MISSING', { file }, { cause: error });
  }
}

/**
 * The key of the digests to which approvals are bound, made from the secret of the newest audit key: so it lies where that
 * one does. After a change of that, what was approved and not used yet is asked anew.
 */
export async function approvalKey(dataDir: string, configured: string | null, ids: Ids): Promise<Buffer> {
  const secret = configured ?? (await keptSecrets(sealKeyFile(dataDir), ids)).at(-1) ?? '';
  return createHmac('sha256', secret).update('signalbox approval digests').digest();
}

/** Where the secrets lie that are not configured. */
export function sealKeyFile(dataDir: string): string {
  return join(dataDir, 'audit-seal.key');
}

function keyOf(secret: string): SealKey {
  const id = createHash('sha256').update('signalbox seal key id').update(secret).digest('hex').slice(0, 16);
  return { id, secret: createHash('sha256').update(secret).digest() };
}

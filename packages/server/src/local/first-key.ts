import {
  type ApiKey,
  ApiKeys,
  type ConfigurationSources,
  Migrator,
  Projects,
  SignalboxError,
  systemClock,
  systemIds,
} from '@signalbox/core';
import { withLocalData } from './local-data.ts';

/** Whoever can open the data directory may do anything with it; this is how the audit names them. */
const ACTOR = 'local';

/**
 * Makes the first admin key, with which all others can be made over the API: a server that needs keys would let nobody
 * in otherwise.
 * @throws FIRST_KEY_EXISTS when the project has an admin key that works already.
 */
export function createFirstKey(
  sources: ConfigurationSources,
  wanted: { name: string },
): Promise<ApiKey & { secret: string }> {
  return withLocalData(sources, async ({ database }) => {
    await new Migrator(database).up();
    const parts = { database, clock: systemClock, ids: systemIds };
    const project = await new Projects(parts).ensureDefault();
    const keys = new ApiKeys(parts);
    const { items } = await keys.list(project.id, 1, 100);
    const admin = items.find((key) => key.role === 'admin' && key.revokedAt === null);
    if (admin !== undefined) throw new SignalboxError('FIRST_KEY_EXISTS', { name: admin.name, prefix: admin.prefix });
    const { key, secret } = await keys.create(project.id, { name: wanted.name, role: 'admin' }, ACTOR);
    return { ...key, secret };
  });
}

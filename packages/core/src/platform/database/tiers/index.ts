export { type DataDirectoryReport, inspectDataDirectory } from './inspect-data-directory.ts';
export { joinTier } from './join-tier.ts';
export { openTier } from './open-tier.ts';
export { openPgliteInMemory, type PgliteInMemory } from './pglite-memory.ts';
export { reachRunning } from './reach-running.ts';
export { supportedVersion } from './server-tier.ts';
export type { EmbeddedKind, OpenTier, TierLogger, TierParts, TierSettings } from './tier.ts';

// What commands do with the data directly, without a server: the only way past the API (design.md §9).
export { loadConfiguration } from '@signalbox/core';
export type { TableProgress } from '../exports/write-archive.ts';
export { type ConnectServer, exportArchive, importArchive } from './archives.ts';
export { backUp, restore } from './backup.ts';
export { type Diagnosis, diagnose, type Finding } from './diagnosis.ts';
export { createFirstKey } from './first-key.ts';
export { migrateDown, migrateUp, migrationStatus } from './migrations.ts';
export { verifyAuditFile } from './verify-audit-file.ts';

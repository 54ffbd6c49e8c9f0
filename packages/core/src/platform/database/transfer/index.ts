export type { ArchiveHeader } from './archive-format.ts';
export { readArchiveHeader } from './archive-reader.ts';
export { type ExportOptions, type ExportSummary, exportData, type TableCount } from './export-data.ts';
export { type ImportOptions, type ImportSummary, importData } from './import-data.ts';
export { receiveArchive } from './receive-archive.ts';

export { MIGRATIONS_DIRECTORY, type MigrationStatus, Migrator } from './migrator.ts';
export { SCHEMA_FILE, schemaDrift, verifySchema } from './schema-check.ts';
export { compareSchemas, describeSchema, type SchemaDescription } from './schema-description.ts';

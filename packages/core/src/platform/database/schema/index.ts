export { MIGRATIONS_DIRECTORY, MIGRATIONS_TABLE, type MigrationStatus, Migrator, SEEDED_TABLES } from './migrator.ts';
export { SCHEMA_FILE, schemaDrift, verifySchema } from './schema-check.ts';
export { compareSchemas, describeSchema, type SchemaDescription } from './schema-description.ts';

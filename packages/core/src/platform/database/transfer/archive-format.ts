import { z } from 'zod';

/*
 * An archive is a gzipped file of JSON lines: a header; then for each table an opening line, one line for each row (an array of the columns' text
 * forms, null for NULL) and a closing line; and one last line, without which the archive is incomplete. Text forms are the
 * one notation that every PostgreSQL reads back exactly, whatever the type.
 */

/** Version of the layout below; a reader refuses others. */
export const ARCHIVE_FORMAT = 1;

const partitionSchema = z.object({
  /** Qualified and quoted, as all names here: 'public.audit_events_2026'. */
  name: z.string(),
  parent: z.string(),
  /** `FOR VALUES …` or `DEFAULT`. */
  bound: z.string(),
  /** `RANGE (at)` where it is partitioned itself. */
  key: z.string().nullable(),
});

export const headerSchema = z.object({
  signalbox: z.literal('archive'),
  format: z.literal(ARCHIVE_FORMAT),
  /** Signalbox's version. */
  madeBy: z.string(),
  madeAt: z.iso.datetime(),
  /** PostgreSQL's version: '18.4'. */
  postgres: z.string(),
  /** Names of the migrations that made the schema, oldest first. */
  revision: z.array(z.string()),
  /** Partitions, parents before children. */
  partitions: z.array(partitionSchema),
  /** Unlogged tables: their rows need not survive a crash, and so do not travel. */
  leftOut: z.array(z.string()),
});

export const tableOpeningSchema = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });

export const rowSchema = z.array(z.string().nullable());

export const tableClosingSchema = z.object({
  rows: z.int().nonnegative(),
  /** Of the row lines, each with its line end; hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const endSchema = z.object({
  end: z.literal(true),
  tables: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  sequences: z.array(z.object({ name: z.string(), lastValue: z.string(), isCalled: z.boolean() })),
});

export type Partition = z.infer<typeof partitionSchema>;
export type ArchiveHeader = z.infer<typeof headerSchema>;
export type TableOpening = z.infer<typeof tableOpeningSchema>;
export type ArchiveEnd = z.infer<typeof endSchema>;
export type Row = z.infer<typeof rowSchema>;

import { z } from 'zod';

/**
 * What a point can hold (RB-003). The source also named `metadata`, which nothing could capture; it is not offered (RB-031).
 * In the order in which differences are listed.
 */
export const SNAPSHOT_TYPES = ['entity', 'relationship', 'session_state', 'configuration', 'file'] as const;
export const snapshotTypeSchema = z.enum(SNAPSHOT_TYPES);
export type SnapshotType = z.infer<typeof snapshotTypeSchema>;

/** One kind of state at one moment (RB-002), without the state itself. */
export const snapshotSchema = z.object({
  id: z.string(),
  pointId: z.string(),
  type: snapshotTypeSchema,
  /** Bytes of its JSON text in UTF-8 (RB-038). */
  size: z.int(),
  /** SHA-256 of that text, in hexadecimal digits (RB-039). */
  checksum: z.string(),
  metadata: z.record(z.string(), z.json()),
  createdAt: z.iso.datetime(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** A snapshot with the canonical JSON text of its state. */
export interface StoredSnapshot extends Snapshot {
  data: string;
}

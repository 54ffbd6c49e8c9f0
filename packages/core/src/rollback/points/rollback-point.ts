import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { snapshotTypeSchema } from './snapshot.ts';

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'must not contain NUL characters');

/** Longest life of a point in milliseconds: a hundred years. */
const MAX_TTL_MS = 3_155_760_000_000;

/** A named moment to go back to (RB-001). It never changes, apart from being captured again. */
export const rollbackPointSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.json()),
  /** `named`: asked for; `backup`: taken by an operation before it changed anything, so that it can be undone (RB-080). */
  kind: z.enum(['named', 'backup']),
  sessionId: z.string().nullable(),
  workspaceId: z.string().nullable(),
  /** Which kinds of state it holds. */
  captured: z.array(snapshotTypeSchema),
  /** Whether all of it is one moment: no file changed while the rest was read (RB-034). */
  consistent: z.boolean(),
  createdBy: z.string().nullable(),
  createdAt: z.iso.datetime(),
  /** Null: never. */
  expiresAt: z.iso.datetime().nullable(),
  version: z.int(),
});
export type RollbackPoint = z.infer<typeof rollbackPointSchema>;

/** What making a point takes (RB-016, RB-019). */
export const createRollbackPointSchema = z.strictObject({
  name: text(200).pipe(z.string().trim().min(1, 'must not be blank')),
  description: text(10_000).nullable().default(null),
  metadata: z.record(z.string(), z.json()).default({}),
  /** The session whose state it holds. */
  sessionId: uuidSchema.nullable().default(null),
  /** The workspace whose files it holds; by default that of the session. */
  workspaceId: uuidSchema.nullable().default(null),
  /** Which kinds of state it shall hold; by default all that can be captured here. */
  capture: z.array(snapshotTypeSchema).min(1).optional(),
  /** Milliseconds until it expires, null for never; by default as configured. */
  ttl: z.int().positive().max(MAX_TTL_MS).nullable().optional(),
});
export type CreateRollbackPoint = z.input<typeof createRollbackPointSchema>;

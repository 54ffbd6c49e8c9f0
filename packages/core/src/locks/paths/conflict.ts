import { z } from 'zod';

export const CONFLICT_KINDS = ['touch', 'claim'] as const;

/**
 * Two live sessions that got into each other's way: one for each thing and pair, however often. `touch`: both wrote it,
 * and neither had claimed it; `claim`: one wrote what the other had claimed.
 */
export const conflictSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  /** What it is about, relative to the workspace. */
  path: z.string(),
  kind: z.enum(CONFLICT_KINDS),
  /** The two of them. */
  sessionIds: z.array(z.string()).length(2),
  /** The one of the two that wrote last when it was first seen. */
  bySession: z.string(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  /** When both journals and the feed were told; null for the moment until then. */
  warnedAt: z.iso.datetime().nullable(),
  acknowledgedAt: z.iso.datetime().nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type Conflict = z.infer<typeof conflictSchema>;

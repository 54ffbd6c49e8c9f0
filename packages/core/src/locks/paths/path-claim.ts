import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { claimModeSchema, claimPathInputSchema, claimPathSchema } from './claim-path.ts';

export const PATH_CLAIM_STATUSES = ['held', 'waiting', 'victim'] as const;
export const PATH_CLAIM_ORIGINS = ['verb', 'session', 'write', 'call'] as const;

/**
 * A session's right to paths of its workspace: `exclusive` to write them, `shared` to keep them as they are. It is held,
 * or waited for (`victim`: given up to end a deadlock, until its waiter has read that). A released claim is gone.
 */
export const pathClaimSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  sessionId: z.string(),
  /** Task of the run it was claimed under; null where the caller drives the session itself. */
  taskId: z.string().nullable(),
  agent: z.string(),
  paths: z.array(claimPathSchema),
  mode: claimModeSchema,
  status: z.enum(PATH_CLAIM_STATUSES),
  /** Asked for (`verb`), named with the session, taken by a first `write`, or for the duration of one tool `call`. */
  origin: z.enum(PATH_CLAIM_ORIGINS),
  callId: z.string().nullable(),
  priority: z.int(),
  /** Place in the order of arrival. */
  arrival: z.int(),
  /** Grows with every grant in the workspace; null while it waits. */
  fencingToken: z.int().nullable(),
  ttlSeconds: z.int().nullable(),
  requestedAt: z.iso.datetime(),
  grantedAt: z.iso.datetime().nullable(),
  /** How long it is waited for. */
  waitUntil: z.iso.datetime().nullable(),
  /** Null: it lives as long as its session's run. */
  expiresAt: z.iso.datetime().nullable(),
  /** For a victim: the sessions that waited for each other. */
  cycle: z.array(z.string()).nullable(),
});
export type PathClaim = z.infer<typeof pathClaimSchema>;

/** Seconds that a claim lasts which is bound to no run, unless it says otherwise. */
export const DEFAULT_CLAIM_SECONDS = 600;

/** Longest wait of a verb, in seconds: HTTP clients commonly give up after five minutes without an answer. */
export const LONGEST_WAIT_SECONDS = 240;

export const createPathClaimSchema = z.strictObject({
  sessionId: uuidSchema,
  paths: z.array(claimPathInputSchema).min(1).max(200),
  mode: claimModeSchema.default('exclusive'),
  /** What to do where another session is in the way; the session's policy by default, where `warn` counts as `refuse`. */
  conflict: z.enum(['wait', 'refuse']).optional(),
  /** Longest wait, in seconds; the policy's by default, and never longer than clients wait for an answer. */
  waitSeconds: z.number().min(0).max(LONGEST_WAIT_SECONDS).optional(),
  /**
   * Seconds it lasts without being renewed. By default a claim of a session that Signalbox runs lives as long as the run,
   * and any other 600 seconds.
   */
  ttlSeconds: z.int().min(1).max(86_400).optional(),
});
export type CreatePathClaim = z.input<typeof createPathClaimSchema>;

export const renewPathClaimSchema = z.strictObject({
  fencingToken: z.int().positive(),
  ttlSeconds: z.int().min(1).max(86_400).optional(),
});
export type RenewPathClaim = z.input<typeof renewPathClaimSchema>;

export const releasePathClaimSchema = z.strictObject({
  /** Of the claim one means; null for one that only waits. */
  fencingToken: z.int().positive().nullable(),
});
export type ReleasePathClaim = z.input<typeof releasePathClaimSchema>;

export const forceReleaseSchema = z.strictObject({ reason: z.string().trim().min(1).max(500) });
export type ForceRelease = z.input<typeof forceReleaseSchema>;

/** What a session names at its creation, to be claimed before it runs. */
export const sessionPathInputSchema = z
  .union([
    claimPathInputSchema,
    z.strictObject({
      path: z.string(),
      kind: claimPathSchema.shape.kind.optional(),
      mode: claimModeSchema.default('exclusive'),
    }),
  ])
  .transform((given, context) => {
    const { mode = 'exclusive', ...name } = given as typeof given & { mode?: z.infer<typeof claimModeSchema> };
    const parsed = claimPathInputSchema.safeParse(name);
    if (!parsed.success) {
      context.addIssue({ code: 'custom', message: parsed.error.issues[0]?.message ?? 'is no path' });
      return z.NEVER;
    }
    return { ...parsed.data, mode };
  });
export const sessionPathSchema = claimPathSchema.extend({ mode: claimModeSchema });
export type SessionPath = z.infer<typeof sessionPathSchema>;

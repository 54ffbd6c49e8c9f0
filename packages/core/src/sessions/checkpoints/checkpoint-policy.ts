import { z } from 'zod';

/**
 * How a session takes checkpoints by itself; what is left out is decided one level further out: the project's settings
 * (key `checkpoints`), then the defaults here.
 */
export const checkpointPolicySchema = z
  .strictObject({
    /**
     * A checkpoint after each this many events of work (SES-095): those that say what became of it (`start modified broke
     * checkpoint handoff test_pass file_change`), not what an agent said and asked its tools. Null: none by number.
     */
    interval: z.int().min(1).max(999_999_999).nullable(),
    /** Whether a checkpoint with the outcome `broken` leaves a failure snapshot (SES-103). */
    failureSnapshots: z.boolean(),
  })
  .partial();
export type CheckpointPolicyInput = z.infer<typeof checkpointPolicySchema>;
export type CheckpointPolicy = Required<CheckpointPolicyInput>;

/** SES-041. The database counts by the same number (`sb_checkpoints_due`). */
export const DEFAULT_CHECKPOINT_POLICY: CheckpointPolicy = { interval: 10, failureSnapshots: false };

/** Key of a project's settings under which its policy stands. */
export const CHECKPOINT_SETTINGS_KEY = 'checkpoints';

/** The policy that holds. A project's settings are free-form; a policy in them that cannot be read is left out. */
export function checkpointPolicyFor(
  projectSettings: Readonly<Record<string, unknown>>,
  session: CheckpointPolicyInput | null,
): CheckpointPolicy {
  const project = checkpointPolicySchema.safeParse(projectSettings[CHECKPOINT_SETTINGS_KEY]);
  return { ...DEFAULT_CHECKPOINT_POLICY, ...project.data, ...session };
}

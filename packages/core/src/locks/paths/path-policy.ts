import { z } from 'zod';
import { SETTINGS } from '../../platform/config/index.ts';

/** What becomes of somebody who wants a path that another session has claimed. */
export const pathConflictSchema = z.enum(['wait', 'refuse', 'warn']);
export type PathConflict = z.infer<typeof pathConflictSchema>;

/** How conflicts over paths are met; what is left out is decided one level further out: session, project, server. */
export const pathPolicySchema = z
  .strictObject({
    /** `wait` for the path, `refuse` whoever comes second, or let it go on and `warn` both. */
    conflict: pathConflictSchema,
    /** Longest wait, in seconds. */
    waitSeconds: z.number().min(0).max(86_400),
    /** Whether a session's first write of a path claims it until the session ends. */
    auto: z.boolean(),
  })
  .partial();
export type PathPolicyInput = z.infer<typeof pathPolicySchema>;
export type PathPolicy = Required<PathPolicyInput>;

/**
 * What holds where nothing else is said: the defaults of the settings. Automatic claims are off: with them a session that
 * has once written a file keeps everybody from it until it ends, also where they would have worked side by side without
 * harm. Such are warned.
 */
export const DEFAULT_PATH_POLICY: PathPolicy = {
  conflict: SETTINGS['paths.conflict'].default,
  waitSeconds: SETTINGS['paths.waitSeconds'].default,
  auto: SETTINGS['paths.auto'].default,
};

/** Key of a project's settings under which its policy stands. */
export const PATH_SETTINGS_KEY = 'paths';

/**
 * The policy that holds for a session. A project's settings are free-form; a policy in them that cannot be read is left out,
 * as if it did not stand there.
 */
export function policyFor(
  defaults: PathPolicy,
  projectSettings: Readonly<Record<string, unknown>>,
  session: PathPolicyInput | null,
): PathPolicy {
  const project = pathPolicySchema.safeParse(projectSettings[PATH_SETTINGS_KEY]);
  return { ...defaults, ...project.data, ...session };
}

import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { CRITICALITIES, criticalitySchema, environmentSchema } from '../terms.ts';
import type { CodeOwner } from './code-owners.ts';

/** How far reach goes, and over what. */
export const REACH_HOPS = 5;
export const REACH_CONFIDENCE = 0.5;

export const reachLevelSchema = z.enum([...CRITICALITIES, 'unknown']);
export type ReachLevel = z.infer<typeof reachLevelSchema>;

const affectedSchema = z.object({
  service: z.string(),
  name: z.string(),
  criticality: criticalitySchema,
  team: z.string().nullable(),
});

/** What a change can break: the services whose code it is, and those that depend on them. */
export const changeReachSchema = z.object({
  /** The highest criticality of all of them; `unknown` where no service is known. */
  level: reachLevelSchema,
  /** Whose code it is. */
  owners: z.array(affectedSchema.extend({ paths: z.array(z.string()) })),
  /** What depends on the owners, over dependencies that are fresh and sure enough, the most critical first. */
  reached: z.array(
    affectedSchema.extend({
      distance: z.int(),
      /** Keys from the owner to the service: each depends on the one before. */
      way: z.array(z.string()),
      /** The best product of confidences over the ways of so many hops. */
      confidence: z.number(),
    }),
  ),
  /** Changed paths that no rule says anything of. */
  unowned: z.array(z.string()),
  /** Why the level is what it is. */
  reasons: z.array(z.string()),
});
export type ChangeReach = z.infer<typeof changeReachSchema>;

export const measureReachSchema = z.strictObject({
  /** Relative to the workspace. */
  paths: z.array(z.string().min(1).max(4_096)).min(1).max(5_000),
  /** The workspace that they are in: its own rules count, and its manifests tell the packages. */
  workspaceId: uuidSchema.optional(),
  /** Left out: over dependencies of every environment. */
  environment: environmentSchema.optional(),
});
export type MeasureReach = z.input<typeof measureReachSchema>;

type Owner = ChangeReach['owners'][number];
type Reached = ChangeReach['reached'][number];

/** Puts together what was found. Pure. */
export function judgeReach(
  paths: readonly string[],
  owners: readonly Owner[],
  reached: readonly Reached[],
  rules: readonly CodeOwner[],
): ChangeReach {
  const ordered = [...reached].sort(
    (a, b) => rank(b) - rank(a) || a.distance - b.distance || (a.service < b.service ? -1 : 1),
  );
  const level = [...owners, ...ordered].map(rank).reduce((most, one) => Math.max(most, one), -1);
  const owned = new Set(rules.map(({ path }) => path));
  const reasons =
    paths.length === 0
      ? ['Nothing is changed yet.']
      : owners.length === 0
        ? ['No service is known whose code this is.']
        : [
            ...rules.slice(0, 20).map(({ path, service, because }) => `${path} is code of ${service}: ${because}.`),
            ...owners
              .filter((one) => rank(one) === level)
              .map(({ service, criticality }) => `${service} is ${criticality}.`),
            ...ordered
              .filter((one) => rank(one) === level)
              .slice(0, 20)
              .map(
                ({ service, criticality, way }) =>
                  `${service}, which is ${criticality}, depends on it: ${[...way].reverse().join(' → ')}.`,
              ),
          ];
  return {
    level: paths.length === 0 ? 'low' : (CRITICALITIES[level] ?? 'unknown'),
    owners: [...owners],
    reached: ordered,
    unowned: paths.filter((path) => !owned.has(path)),
    reasons,
  };
}

function rank({ criticality }: { criticality: Owner['criticality'] }): number {
  return CRITICALITIES.indexOf(criticality);
}

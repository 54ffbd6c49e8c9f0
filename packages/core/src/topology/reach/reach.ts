import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { CRITICALITIES, type Criticality, criticalitySchema, environmentSchema } from '../terms.ts';
import type { CodeOwner } from './code-owners.ts';

/** How far reach goes, through code and then from service to service, and over what. */
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

/** Something that is declared in the code. */
const codePlaceSchema = z.object({ id: z.string(), name: z.string(), path: z.string() });

/** What a change can break: the services whose code it is or whose code uses it, and those that depend on them. */
export const changeReachSchema = z.object({
  /**
   * The highest criticality of all of them. Where no service is known, how risky the change is by what it is and how much of the code
   * depends on it (KG-276). `unknown` where nobody can tell: the code was never read, or is not as it was read. That counts as high.
   */
  level: reachLevelSchema,
  /** What of the code changes, as far as it was read. */
  changed: z.array(codePlaceSchema),
  /** Whose code it is. */
  owners: z.array(affectedSchema.extend({ paths: z.array(z.string()) })),
  /** Whose code uses what changes, directly or by way of other code. */
  using: z.array(
    affectedSchema.extend({
      /** From what changes to code of the service: each uses the one before. */
      through: z.array(codePlaceSchema),
    }),
  ),
  /** What depends on those, over dependencies that are fresh and sure enough, the most critical first. */
  reached: z.array(
    affectedSchema.extend({
      distance: z.int(),
      /** Keys from a service that owns or uses the code to this one: each depends on the one before. */
      way: z.array(z.string()),
      /** The best product of confidences over the ways of so many hops. */
      confidence: z.number(),
    }),
  ),
  /** Changed paths that no rule says anything of. */
  unowned: z.array(z.string()),
  /** Changed paths that are not as the code graph read them last. */
  outdated: z.array(z.string()),
  /** Why the level is what it is. */
  reasons: z.array(z.string()),
});
export type ChangeReach = z.infer<typeof changeReachSchema>;

/** What can break where two sessions work on the same path, in short. */
export const conflictReachSchema = changeReachSchema
  .pick({ level: true, reasons: true })
  .extend({ conflictId: z.string() });
export type ConflictReach = z.infer<typeof conflictReachSchema>;

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
type Using = ChangeReach['using'][number];
type Reached = ChangeReach['reached'][number];

export interface FoundReach {
  paths: readonly string[];
  owners: readonly Owner[];
  using: readonly Using[];
  reached: readonly Reached[];
  /** By which rules paths are code of services. */
  rules: readonly CodeOwner[];
  /** Null where the code was never read. */
  code: { changed: ChangeReach['changed']; outdated: readonly string[]; truncated: boolean; risk: Criticality } | null;
}

/** Reasons of one kind that are told. */
const MOST_TOLD = 20;

/** Puts together what was found. Pure. */
export function judgeReach(found: FoundReach): ChangeReach {
  const { paths, owners, rules, code } = found;
  const reached = [...found.reached].sort(
    (a, b) => rank(b) - rank(a) || a.distance - b.distance || (a.service < b.service ? -1 : 1),
  );
  const using = [...found.using].sort((a, b) => rank(b) - rank(a) || (a.service < b.service ? -1 : 1));
  const services = [...owners, ...using, ...reached];
  const known = CRITICALITIES[services.map(rank).reduce((most, one) => Math.max(most, one), -1)];
  const owned = new Set(rules.map(({ path }) => path));
  const { level, because } = levelOf(found, known);
  return {
    level,
    changed: [...(code?.changed ?? [])],
    owners: [...owners],
    using,
    reached,
    unowned: paths.filter((path) => !owned.has(path)),
    outdated: [...(code?.outdated ?? [])],
    reasons: [...(known === undefined ? [] : serviceReasons({ ...found, using, reached }, known)), ...because],
  };
}

function levelOf(
  { paths, code }: FoundReach,
  known: Criticality | undefined,
): Pick<ChangeReach, 'level'> & { because: string[] } {
  if (paths.length === 0) return { level: 'low', because: ['Nothing is changed yet.'] };
  const unsure = [
    ...(code?.outdated ?? [])
      .slice(0, MOST_TOLD)
      .map((path) => `${path} is not as the code graph read it last, so what uses it is not known.`),
    ...(code?.truncated ? ['More of the code depends on it than was looked at.'] : []),
  ];
  // Nothing that is still to be found can raise it further.
  if (known === 'critical') return { level: known, because: unsure };
  if (unsure.length > 0) return { level: 'unknown', because: [...unsure, 'Not known counts as high.'] };
  if (known !== undefined) return { level: known, because: [] };
  const nobody = 'No service is known whose code this is, or uses it.';
  if (code === null) return { level: 'unknown', because: ['No service is known whose code this is.'] };
  return {
    level: code.risk,
    because: [nobody, `By what changes and how much of the code depends on it, it is ${code.risk}.`],
  };
}

function serviceReasons({ owners, using, reached, rules }: FoundReach, level: Criticality): string[] {
  const changing = new Set(owners.flatMap(({ paths }) => paths));
  const decisive = <One extends { criticality: Criticality }>(all: readonly One[]) =>
    all.filter(({ criticality }) => criticality === level).slice(0, MOST_TOLD);
  return [
    ...rules
      .filter(({ path }) => changing.has(path))
      .slice(0, MOST_TOLD)
      .map(({ path, service, because }) => `${path} is code of ${service}: ${because}.`),
    ...using
      .slice(0, MOST_TOLD)
      .map(({ service, through }) => `Code of ${service} uses it: ${chain(through.map(({ name }) => name))}.`),
    ...decisive([...owners, ...using]).map(({ service, criticality }) => `${service} is ${criticality}.`),
    ...decisive(reached).map(
      ({ service, criticality, way }) => `${service}, which is ${criticality}, depends on it: ${chain(way)}.`,
    ),
  ];
}

/** Who depends stands before what it depends on. */
function chain(way: readonly string[]): string {
  return [...way].reverse().join(' → ');
}

function rank({ criticality }: { criticality: Criticality }): number {
  return CRITICALITIES.indexOf(criticality);
}

import { z } from 'zod';

export const cycleAlertStatusSchema = z.enum(['open', 'acknowledged', 'resolved']);
export type CycleAlertStatus = z.infer<typeof cycleAlertStatusSchema>;

/** Services that depend on each other in a circle (DEP-003). */
export const cycleAlertSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  /** Null: the circle closes in every environment. */
  environment: z.string().nullable(),
  /** Keys: each depends on the next, and the last on the first. It begins with the smallest key. */
  path: z.array(z.string()),
  status: cycleAlertStatusSchema,
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: z.iso.datetime().nullable(),
  resolvedBy: z.string().nullable(),
  resolvedAt: z.iso.datetime().nullable(),
  resolutionNotes: z.string().nullable(),
  /** When it came about, the last time. */
  detectedAt: z.iso.datetime(),
  timesDetected: z.int(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type CycleAlert = z.infer<typeof cycleAlertSchema>;

export const resolveCycleSchema = z.strictObject({
  notes: z.string().trim().min(1).max(10_000).nullable().default(null),
});
export type ResolveCycle = z.input<typeof resolveCycleSchema>;

/** To where people may bring an alert; only a detection opens one again. */
const STEPS: Readonly<Record<CycleAlertStatus, readonly CycleAlertStatus[]>> = {
  open: ['acknowledged', 'resolved'],
  acknowledged: ['resolved'],
  resolved: [],
};

export function mayBecome(from: CycleAlertStatus, to: CycleAlertStatus): boolean {
  return STEPS[from].includes(to);
}

/** The same cycle from its smallest key on, so that it is the same whatever service it was found from (DEP-013). */
export function canonicalCycle(path: readonly string[]): string[] {
  let first = 0;
  path.forEach((key, at) => {
    if (key < (path[first] ?? key)) first = at;
  });
  return [...path.slice(first), ...path.slice(0, first)];
}

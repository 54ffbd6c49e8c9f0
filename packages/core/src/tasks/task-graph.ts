import { z } from 'zod';
import { uuidSchema } from '../platform/ids/ids.ts';

/** What becomes of a waiting task whose prerequisite ends badly: failed, dead, cancelled or skipped. */
export const FAILURE_POLICIES = ['fail', 'skip', 'continue'] as const;
export const failurePolicySchema = z.enum(FAILURE_POLICIES);
export type FailurePolicy = z.infer<typeof failurePolicySchema>;

/** Name of a task within one call, by which others of the call depend on it. */
export const taskRefSchema = z.string().min(1).max(100);

/** A prerequisite: a task that is there already, or another one of the same call by its `ref`. */
export const dependsOnSchema = z
  .strictObject({
    taskId: uuidSchema.optional(),
    ref: taskRefSchema.optional(),
    onFailure: failurePolicySchema.default('fail'),
  })
  .refine(({ taskId, ref }) => (taskId === undefined) !== (ref === undefined), 'needs either taskId or ref');
export type DependsOn = z.input<typeof dependsOnSchema>;

export const decomposeOptionsSchema = z.strictObject({
  /** What becomes of the parent if a child ends badly. */
  onFailure: failurePolicySchema.default('fail'),
  /** After its children: `resume` queues it again for whoever claims it, `complete` completes it with their results. */
  afterwards: z.enum(['resume', 'complete']).default('resume'),
});
export type DecomposeOptions = z.input<typeof decomposeOptionsSchema>;

/** An edge, as shown. */
export const taskDependencySchema = z.object({
  taskId: z.string(),
  dependsOn: z.string(),
  onFailure: failurePolicySchema,
  /** `met` and `broken`: the prerequisite is over and the task may go on, or not; `past`: decided in an earlier wait. */
  state: z.enum(['open', 'met', 'broken', 'past']),
});
export type TaskDependency = z.infer<typeof taskDependencySchema>;

/**
 * A cycle among edges from a node to what it depends on, as a path that ends where it begins; null where there is none.
 * Visits each node and edge once, with a stack of its own: chains may be long.
 */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { node: string; next: number }[] = [];
    const enter = (node: string) => {
      stack.push({ node, next: 0 });
      path.push(node);
      onPath.add(node);
    };
    if (!done.has(start)) enter(start);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const target = edges.get(top.node)?.[top.next];
      top.next += 1;
      if (target === undefined) {
        stack.pop();
        path.pop();
        onPath.delete(top.node);
        done.add(top.node);
      } else if (onPath.has(target)) {
        return [...path.slice(path.indexOf(target)), target];
      } else if (!done.has(target)) {
        enter(target);
      }
    }
  }
  return null;
}

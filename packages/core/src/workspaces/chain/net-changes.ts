import { z } from 'zod';
import { CHANGE_OPERATIONS, type WorkspaceChange } from './workspace-change.ts';

/** What several changes of one path come to. */
export const netChangeSchema = z.object({
  /** Where it is now, or was last. */
  path: z.string(),
  operation: z.enum(CHANGE_OPERATIONS),
  oldPath: z.string().nullable(),
  beforeOid: z.string().nullable(),
  afterOid: z.string().nullable(),
  beforeMode: z.string().nullable(),
  afterMode: z.string().nullable(),
  binary: z.boolean(),
  /** Positions of the chain at which it changed. */
  positions: z.array(z.int()).min(1),
  /** Whether somebody else changed it in between: then before and after hold their part, too. */
  interleaved: z.boolean(),
});
export type NetChange = z.infer<typeof netChangeSchema>;

interface Content {
  path: string;
  oid: string | null;
  mode: string | null;
}

interface Course {
  before: Content;
  after: Content;
  binary: boolean;
  positions: number[];
  interleaved: boolean;
}

/**
 * Folds changes, oldest first and of one workspace, to one for each path: what was there before the first and after the
 * last, renames followed. What comes to nothing is left out.
 */
export function netChanges(changes: readonly WorkspaceChange[]): NetChange[] {
  const live = new Map<string, Course>();
  for (const change of changes) {
    const from = change.oldPath ?? change.path;
    const before = { path: from, oid: change.beforeOid, mode: change.beforeMode };
    const after = { path: change.path, oid: change.afterOid, mode: change.afterMode };
    const course = live.get(from);
    const target = from === change.path ? undefined : live.get(change.path);
    if (course) live.delete(from);
    // A rename onto a path that the session had removed before: what stood there first is what it replaced.
    if (target) live.set(`${change.path}\0${change.position}`, target);
    live.set(change.path, {
      before: course?.before ?? before,
      after,
      binary: change.binary || (course?.binary ?? false),
      positions: [...(course?.positions ?? []), change.position],
      interleaved: (course?.interleaved ?? false) || (course !== undefined && course.after.oid !== change.beforeOid),
    });
  }
  return [...live.values()]
    .flatMap((course) => {
      const operation = operationOf(course);
      if (operation === null) return [];
      const { before, after, binary, positions, interleaved } = course;
      return [
        {
          path: after.oid === null ? before.path : after.path,
          operation,
          oldPath: operation === 'renamed' ? before.path : null,
          beforeOid: before.oid,
          afterOid: after.oid,
          beforeMode: before.mode,
          afterMode: after.mode,
          binary,
          positions,
          interleaved,
        },
      ];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function operationOf({ before, after }: Course): NetChange['operation'] | null {
  if (before.oid === null) return after.oid === null ? null : 'added';
  if (after.oid === null) return 'deleted';
  if (before.path !== after.path) return 'renamed';
  if (before.oid !== after.oid) return 'modified';
  return before.mode === after.mode ? null : 'mode';
}

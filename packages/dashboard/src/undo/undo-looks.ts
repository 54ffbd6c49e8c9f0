import type { Undo, UndoConflict, UndoPlan } from '@signalbox/client';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowMerge,
  IconBan,
  IconCheck,
  IconEqual,
  IconHourglass,
  IconLock,
  IconPencil,
  IconX,
} from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

export type UndonePath = UndoPlan['paths'][number];
export type Outcome = UndonePath['outcome'];

/** What becomes of a path, in the order in which it matters. */
export const OUTCOME_LOOKS: Readonly<Record<Outcome, Look & { about: string }>> = {
  conflict: {
    label: 'Conflict',
    tone: 'danger',
    icon: IconAlertTriangle,
    about: 'Something newer stands where the old would come. Say what is to stand there.',
  },
  restored: {
    label: 'Restored',
    tone: 'done',
    icon: IconArrowBackUp,
    about: 'It becomes exactly what it was before.',
  },
  merged: {
    label: 'Merged',
    tone: 'live',
    icon: IconArrowMerge,
    about: 'The changes go out of it, and what came later stays.',
  },
  kept: { label: 'Kept', tone: 'caution', icon: IconLock, about: 'It stays as it is, because somebody answered so.' },
  unchanged: { label: 'Unchanged', tone: 'off', icon: IconEqual, about: 'Nothing of the changes is left in it.' },
};
export const OUTCOMES = Object.keys(OUTCOME_LOOKS) as Outcome[];

export const UNDO_LOOKS: Readonly<Record<Undo['status'], Look>> = {
  planned: { label: 'Planned', tone: 'idle', icon: IconHourglass },
  waiting: { label: 'Waiting', tone: 'caution', icon: IconHourglass },
  applying: { label: 'Writing', tone: 'live', icon: IconPencil },
  completed: { label: 'Completed', tone: 'done', icon: IconCheck },
  failed: { label: 'Failed', tone: 'danger', icon: IconX },
  cancelled: { label: 'Cancelled', tone: 'off', icon: IconBan },
};

export const CONFLICT_WORDS: Readonly<Record<UndoConflict['kind'], string>> = {
  content: 'The same lines were changed later.',
  binary: 'It is not text, and it was changed later.',
  symlink: 'It is a symbolic link, and it was changed later.',
  mode: 'Its mode was changed later.',
  modify_delete: 'One side changed it, the other has none.',
  rename: 'It was renamed in different ways.',
  directory_file: 'A directory stands where the file would come.',
  directory_rename: 'Its directory was renamed.',
};

export function isOver({ status }: Pick<Undo, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** How many paths have each outcome. */
export function outcomeCounts(paths: readonly Pick<UndonePath, 'outcome'>[]): Record<Outcome, number> {
  const counts = { conflict: 0, restored: 0, merged: 0, kept: 0, unchanged: 0 };
  for (const { outcome } of paths) counts[outcome]++;
  return counts;
}

/** An undone path as a change of a file, for what draws those. */
export function asFileChange({ path, current, target, binary, additions, deletions, diff }: UndonePath) {
  const operation =
    current === null
      ? ('added' as const)
      : target === null
        ? ('deleted' as const)
        : current.oid === target.oid
          ? ('mode' as const)
          : ('modified' as const);
  return { path, operation, oldPath: null, binary, additions, deletions, diff };
}

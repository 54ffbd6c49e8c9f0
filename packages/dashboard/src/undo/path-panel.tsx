import type { UndoConflict } from '@signalbox/client';
import { DiffView } from '../session/diff-view.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { ConflictPanel } from './conflict-panel.tsx';
import type { Resolution } from './undo-choices.ts';
import { asFileChange, OUTCOME_LOOKS, type UndonePath } from './undo-looks.ts';
import classes from './undo-preview.module.css';

interface Props {
  path: UndonePath;
  /** Whether it is left as it is. */
  left: boolean;
  conflicts: readonly UndoConflict[];
  resolutions: readonly Resolution[];
  onAnswer: (at: { path: string; position: number }, resolution: Pick<Resolution, 'answer' | 'text'> | null) => void;
}

/** What becomes of one path: the diff from now to then, and its conflicts. */
export function PathPanel({ path, left, conflicts, resolutions, onAnswer }: Props) {
  const look = OUTCOME_LOOKS[path.outcome];
  const nothing = path.outcome === 'unchanged' || path.outcome === 'kept';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
    <section className={classes.panel} aria-label={path.path} tabIndex={0}>
      <h2 className={classes.path}>
        <span>{path.path}</span>
        {!left && <LookBadge look={look} status={path.outcome} />}
      </h2>
      <p className={classes.about}>{left ? 'It is not ticked, so it stays as it is.' : look.about}</p>
      {conflicts.map((conflict) => (
        <ConflictPanel
          key={`${conflict.path} ${conflict.position}`}
          conflict={conflict}
          resolution={resolutions.find((one) => one.path === conflict.path && one.position === conflict.position)}
          onAnswer={(resolution) => onAnswer(conflict, resolution)}
        />
      ))}
      {!left && !nothing && (path.outcome !== 'conflict' || path.diff !== null) && (
        <>
          <h3 className={classes.heading}>From now to then</h3>
          <DiffView change={asFileChange(path)} />
        </>
      )}
    </section>
  );
}

import type { RollbackConflict, RollbackPoint } from '@signalbox/client';
import { TextDiff } from '../session/text-diff.tsx';
import classes from '../undo/undo-preview.module.css';
import { ConflictAnswer } from './conflict-answer.tsx';
import { FileChange } from './file-change.tsx';
import { type ChangedItem, type Resolution, valueText } from './rollback-choices.ts';
import { CHANGE_WORDS } from './rollback-looks.ts';

interface Props {
  point: RollbackPoint;
  item: ChangedItem;
  /** Whether it is left as it is. */
  left: boolean;
  conflicts: readonly RollbackConflict[];
  /** Answers by path where each conflict is decided by itself; null where all are met alike. */
  answers: Readonly<Record<string, Resolution>> | null;
  onAnswer: (path: string, answer: Resolution) => void;
}

/** What becomes of one item: from now to then, and its conflicts. */
export function ChangePanel({ point, item, left, conflicts, answers, onAnswer }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
    <section className={classes.panel} aria-label={item.item} tabIndex={0}>
      <h2 className={classes.path}>
        <span>{item.item}</span>
      </h2>
      <p className={classes.about}>
        {left ? 'It is not ticked, so it stays as it is.' : 'From what it is now to what it was.'}
      </p>
      {conflicts.map((conflict) => (
        <ConflictAnswer
          key={conflict.path}
          conflict={conflict}
          answer={answers === null ? null : (answers[conflict.path] ?? 'abort')}
          onAnswer={(answer) => onAnswer(conflict.path, answer)}
        />
      ))}
      {!left &&
        item.changes.map((change) => (
          <div key={`${change.operation} ${change.path}`}>
            {item.changes.length > 1 && (
              <h3 className={classes.heading}>
                {change.path.split('#')[1] ?? change.path} {CHANGE_WORDS[change.operation]}
              </h3>
            )}
            {change.operation === 'move' && (
              <p className={classes.about}>It moves to {String(change.metadata?.to ?? 'its old place')}.</p>
            )}
            {item.item.startsWith('file:') ? (
              <FileChange point={point} change={change} path={item.path.replace(/^files\//, '')} />
            ) : (
              <TextDiff
                path={item.path}
                before={change.operation === 'create' ? null : valueText(change.oldValue)}
                after={change.operation === 'delete' ? null : valueText(change.newValue)}
              />
            )}
          </div>
        ))}
    </section>
  );
}

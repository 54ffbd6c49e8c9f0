import type { RollbackPreview } from '@signalbox/client';
import { IconAlertTriangle } from '@tabler/icons-react';
import { counted } from '../undo/undo-words.ts';
import classes from './change-summary.module.css';

/** What stands in the way of a rollback as it is chosen, and what else it asks for. Nothing where all is well. */
export function ChangeSummary({ plan }: { plan: RollbackPreview }) {
  const { problems, potentialConflicts, dependencies } = plan;
  const notes = [
    ...problems.map((problem) => `It would be refused: ${problem}.`),
    potentialConflicts.length === 0
      ? null
      : `${counted(potentialConflicts.length, 'change')} in conflict with what is there: ${potentialConflicts
          .slice(0, 5)
          .map(({ path }) => path)
          .join(', ')}${potentialConflicts.length > 5 ? ' and more' : ''}.`,
    dependencies.required.length === 0 ? null : `These need to go back too: ${dependencies.required.join(', ')}.`,
    ...dependencies.circular.map((circle) => `They need each other: ${circle.join(' → ')}.`),
  ].filter((note) => note !== null);
  if (notes.length === 0) return null;
  return (
    <ul className={classes.notes} data-tone={problems.length > 0 ? 'danger' : 'caution'} aria-label="What to mind">
      {notes.map((note) => (
        <li key={note}>
          <IconAlertTriangle size={14} aria-hidden /> {note}
        </li>
      ))}
    </ul>
  );
}

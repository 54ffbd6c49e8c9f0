import type { Undo } from '@signalbox/client';
import { IconCheck, IconCircle, IconCircleDotFilled } from '@tabler/icons-react';
import classes from './undo-operation-page.module.css';

const STEPS = [
  { status: 'planned', label: 'Planned', about: 'Computed and written down' },
  { status: 'waiting', label: 'Waiting', about: 'Sessions pause, tool calls end' },
  { status: 'applying', label: 'Writing', about: 'File by file, each checked first' },
  { status: 'completed', label: 'Completed', about: 'Looked at once more and recorded' },
] as const;

/** How far an undo is. One that failed or was cancelled stands where it got to. */
export function UndoProgress({ undo: { status, startedAt } }: { undo: Undo }) {
  const ended = status === 'failed' || status === 'cancelled';
  const at = ended ? (startedAt === null ? 1 : 2) : STEPS.findIndex((step) => step.status === status);
  return (
    <ol className={classes.steps} aria-label="Progress">
      {STEPS.map(({ status: step, label, about }, index) => {
        const done = index < at || status === 'completed';
        return (
          <li
            key={step}
            className={classes.step}
            data-tone={done ? 'done' : index === at ? (ended ? 'danger' : 'live') : 'off'}
            aria-current={index === at ? 'step' : undefined}
          >
            {done ? (
              <IconCheck size={15} aria-hidden />
            ) : index === at ? (
              <IconCircleDotFilled size={15} aria-hidden />
            ) : (
              <IconCircle size={15} aria-hidden />
            )}
            <span className={classes.stepName}>
              {label}
              {index === at && ended && (status === 'failed' ? ', failed here' : ', cancelled here')}
            </span>
            <span className={classes.stepAbout}>{about}</span>
          </li>
        );
      })}
    </ol>
  );
}

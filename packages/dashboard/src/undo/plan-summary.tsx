import { formatCount } from '../ui/format.ts';
import { OUTCOME_LOOKS, OUTCOMES, type Outcome } from './undo-looks.ts';
import classes from './undo-preview.module.css';

interface Props {
  counts: Readonly<Record<Outcome, number>>;
  /** Changes that are undone only when named; null where that is settled. */
  leftOut: number | null;
  /** Paths that somebody unticked. */
  left?: number;
}

/** How many paths have which outcome, in one line. */
export function PlanSummary({ counts, leftOut, left = 0 }: Props) {
  return (
    <dl className={classes.summary} aria-label="Outcomes">
      {OUTCOMES.map((outcome) => {
        const { label, tone, icon: Icon, about } = OUTCOME_LOOKS[outcome];
        return (
          <div key={outcome} className={classes.count} data-tone={counts[outcome] > 0 ? tone : 'off'} title={about}>
            <dt>
              <Icon size={13} stroke={2.2} aria-hidden /> {label}
            </dt>
            <dd>{formatCount(counts[outcome])}</dd>
          </div>
        );
      })}
      {left > 0 && (
        <div className={classes.count} data-tone="off" title="Paths that were unticked">
          <dt>Left</dt>
          <dd>{formatCount(left)}</dd>
        </div>
      )}
      {leftOut !== null && leftOut > 0 && (
        <div className={classes.count} data-tone="caution" title="Changes that are undone only when they are named">
          <dt>Left out</dt>
          <dd>{formatCount(leftOut)}</dd>
        </div>
      )}
    </dl>
  );
}

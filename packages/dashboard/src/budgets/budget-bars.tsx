import type { Budget } from '@signalbox/client';
import { MEASURES, measureState } from './budget-state.ts';
import classes from './budgets.module.css';

const TONES = { suffices: 'done', near: 'caution', used_up: 'danger' } as const;

/** What is spent of each limit, as a bar and in words. */
export function BudgetBars({ budget }: { budget: Budget }) {
  return (
    <div className={classes.bars}>
      {MEASURES.map(({ measure, label, write }) => {
        const found = measureState(budget, measure);
        if (found === null) return null;
        const words = `${write(found.spent)} of ${write(found.limit)}`;
        return (
          <div key={measure} className={classes.measure} data-tone={TONES[found.state]} data-measure={measure}>
            <span className={classes.label}>{label}</span>
            <meter
              className={classes.bar}
              aria-label={`${label} of ${budget.name}`}
              max={found.limit}
              value={Math.min(found.spent, found.limit)}
              aria-valuetext={words}
            />
            <span className={classes.amount}>{words}</span>
          </div>
        );
      })}
    </div>
  );
}

import type { RollbackOperation } from '@signalbox/client';
import { formatClock } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { counted } from '../undo/undo-words.ts';
import classes from './rollback.module.css';

const TONES = { debug: undefined, info: undefined, warn: 'caution', error: 'danger' } as const;

/** What a rollback noted on its way. */
export function OperationLog({ log }: { log: RollbackOperation['log'] }) {
  return (
    <Panel title="Log" note={counted(log.length, 'line')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <ol className={classes.log} tabIndex={0} aria-label="Log of the rollback">
        {log.map(({ timestamp, level, message }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a log only grows
          <li key={index}>
            <time dateTime={timestamp}>{formatClock(timestamp)}</time>
            <span className={classes.level} data-tone={TONES[level]}>
              {level}
            </span>
            <span>{message}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

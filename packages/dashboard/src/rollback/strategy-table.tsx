import type { RollbackMetrics } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { Blank } from '../ui/blank.tsx';
import { formatCount, formatDuration } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import classes from './monitoring.module.css';
import { OPERATION_LOOKS, OPERATION_STATUSES, strategyWord } from './rollback-looks.ts';
import { strategyRows } from './strategy-counts.ts';

/** Operations by strategy and status; each number leads to those it counts. */
export function StrategyTable({ counts }: { counts: RollbackMetrics['operations'] }) {
  const rows = strategyRows(counts);
  return (
    <Panel title="By strategy" note="of the operations that are kept, dry runs among them">
      {rows.length === 0 ? (
        <Blank title="Nothing was rolled back yet" />
      ) : (
        <div className={table.scroll}>
          <table className={table.table} aria-label="Operations by strategy and status">
            <thead>
              <tr>
                <th>Strategy</th>
                {OPERATION_STATUSES.map((status) => (
                  <th key={status} className={classes.number}>
                    {OPERATION_LOOKS[status].label}
                  </th>
                ))}
                <th className={classes.number}>Average time</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ strategy, byStatus, averageTime }) => (
                <tr key={strategy}>
                  <td className={table.strong}>{strategyWord(strategy)}</td>
                  {OPERATION_STATUSES.map((status) => (
                    <td key={status} className={classes.number}>
                      {byStatus[status] === 0 ? (
                        <span className={table.muted}>0</span>
                      ) : (
                        <Link to="/rollback/operations" search={{ status, strategy: strategy ?? undefined }}>
                          {formatCount(byStatus[status])}
                        </Link>
                      )}
                    </td>
                  ))}
                  <td className={classes.number}>{formatDuration(averageTime === null ? null : averageTime / 1000)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

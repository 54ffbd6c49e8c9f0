import type { ServiceMapEdge } from '@signalbox/client';
import { Age } from '../ui/age.tsx';
import { formatCount } from '../ui/format.ts';
import table from '../ui/table.module.css';
import classes from './topology.module.css';

/** Of a large map nobody reads more; a service that is chosen has fewer. */
const MOST_SHOWN = 200;

/** The map as a list: what depends on what, who says so, and when it was seen last. */
export function DependencyTable({ edges }: { edges: readonly ServiceMapEdge[] }) {
  const more = edges.length - MOST_SHOWN;
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Service</th>
            <th>Depends on</th>
            <th>How</th>
            <th>Sure</th>
            <th>Known by</th>
            <th>Where</th>
            <th>Seen</th>
          </tr>
        </thead>
        <tbody>
          {edges
            .slice(0, MOST_SHOWN)
            .map(({ source, target, modes, confidence, discoverySources, environments, lastObservedAt, stale }) => (
              <tr key={`${source} ${target}`} data-edge={`${source} ${target}`}>
                <td className={table.strong}>{source}</td>
                <td className={table.strong}>{target}</td>
                <td>{modes.join(', ') || '–'}</td>
                <td>{Math.round(confidence * 100)} %</td>
                <td>{discoverySources.join(', ')}</td>
                <td>{environments.length === 0 ? 'everywhere' : environments.join(', ')}</td>
                <td>
                  <Age since={lastObservedAt} />
                  {stale && (
                    <span className={classes.tag} data-tone="late">
                      stale
                    </span>
                  )}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {more > 0 && <p className={classes.more}>and {formatCount(more)} more: choose a service to see its own</p>}
    </div>
  );
}

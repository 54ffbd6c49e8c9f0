import type { Agent } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import classes from './agent-page.module.css';

/** The sessions of the tasks an agent holds. */
export function AgentSessions({ agent: { currentSessions } }: { agent: Agent }) {
  const titles = useSessionTitles(currentSessions);
  return (
    <Panel title="Sessions it works in">
      {currentSessions.length === 0 && <p className={classes.none}>None of its tasks belongs to a session.</p>}
      {currentSessions.length > 0 && (
        <table className={table.table}>
          <tbody>
            {currentSessions.map((id) => (
              <tr key={id}>
                <td>
                  <Link to="/sessions/$sessionId" params={{ sessionId: id }}>
                    {titles.get(id) ?? id}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

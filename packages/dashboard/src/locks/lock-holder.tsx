import type { Lock } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import classes from './lock-table.module.css';

type Party = Pick<Lock, 'owner' | 'agentId' | 'sessionId' | 'taskId'>;

/** Who holds a lock or waits for it: its owner, and whom it serves. */
export function LockHolder({ party, titles }: { party: Party; titles: ReadonlyMap<string, string> }) {
  const { owner, agentId, sessionId, taskId } = party;
  return (
    <div className={classes.holder}>
      <span className={classes.owner}>{owner}</span>
      {agentId !== null && (
        <span>
          agent{' '}
          <Link to="/agents/$agentId" params={{ agentId }}>
            {agentId}
          </Link>
        </span>
      )}
      {sessionId !== null && (
        <span>
          session{' '}
          <Link to="/sessions/$sessionId" params={{ sessionId }}>
            {titles.get(sessionId) ?? `…${sessionId.slice(-8)}`}
          </Link>
        </span>
      )}
      {taskId !== null && (
        <span>
          task{' '}
          <Link to="/tasks/$taskId" params={{ taskId }}>
            …{taskId.slice(-8)}
          </Link>
        </span>
      )}
    </div>
  );
}

import { Loader } from '@mantine/core';
import type { Session, SessionTree } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { ProblemNote } from '../ui/problem-note.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import classes from './tree-tab.module.css';
import { useSessionTree } from './use-session.ts';

/** Where the session stands: its parent, and everything below it. */
export default function TreeTab({ session }: { session: Session }) {
  const { data, error } = useSessionTree(session.id);
  if (error !== null && data === undefined) return <ProblemNote error={error} />;
  if (data === undefined) return <Loader size="sm" m="lg" aria-label="Loading the tree" />;
  return (
    <div className={classes.tab}>
      {session.parentId !== null && (
        <p className={classes.parent}>
          Below{' '}
          <Link to="/sessions/$sessionId" params={{ sessionId: session.parentId }} search={{ tab: 'tree' }}>
            its parent session
          </Link>
        </p>
      )}
      <ul className={classes.tree}>
        <Branch node={data} own={session.id} />
      </ul>
      {data.children.length === 0 && <p className={classes.parent}>It has no sessions below it.</p>}
    </div>
  );
}

function Branch({ node, own }: { node: SessionTree; own: string }) {
  return (
    <li>
      <div className={classes.node} data-own={node.id === own || undefined}>
        <StatusBadge status={node.status} />
        {node.id === own ? (
          <strong>{node.title}</strong>
        ) : (
          <Link to="/sessions/$sessionId" params={{ sessionId: node.id }}>
            {node.title}
          </Link>
        )}
        <span className={classes.type}>{node.sessionType}</span>
      </div>
      {node.children.length > 0 && (
        <ul className={classes.tree}>
          {node.children.map((child) => (
            <Branch key={child.id} node={child} own={own} />
          ))}
        </ul>
      )}
    </li>
  );
}

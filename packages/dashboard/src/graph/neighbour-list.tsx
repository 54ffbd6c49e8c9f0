import { Link } from '@tanstack/react-router';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './graph.module.css';
import { type RelationshipTypes, useNeighbours } from './use-graph.ts';

interface Props {
  id: string;
  title: string;
  direction: 'incoming' | 'outgoing';
  types: RelationshipTypes;
}

/** Neighbours of one kind. Nothing where there are none. */
export function NeighbourList({ id, title, direction, types }: Props) {
  const { data, error } = useNeighbours(id, direction, types);
  if (error !== null) return <ProblemNote error={error} />;
  const found = (data?.visited ?? []).filter(({ depth }) => depth > 0);
  if (found.length === 0) return null;
  return (
    <Panel title={title} note={`${found.length}${data?.truncated ? ' and more' : ''}`}>
      <ul className={classes.list}>
        {found.map(({ id: neighbour, name, path }) => (
          <li key={neighbour}>
            <Link to="/graph" search={{ entity: neighbour }}>
              {name ?? path ?? neighbour}
            </Link>
            {name !== null && path !== null && <span className={classes.where}>{path}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

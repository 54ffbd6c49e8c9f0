import { Link } from '@tanstack/react-router';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Age } from '../ui/age.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import classes from './graph.module.css';
import { NeighbourList } from './neighbour-list.tsx';
import { NEIGHBOUR_LISTS } from './relationship-groups.ts';
import { useEntity, useEntityTimeline, useFileChanges } from './use-graph.ts';

/** One entity: what it is, its neighbours, its history, and who changed its file. */
export function EntityView({ id }: { id: string }) {
  const { data, error } = useEntity(id);
  if (error !== null) return <ProblemNote error={error} />;
  if (data === undefined) return null;
  const { entity, validTo } = data;
  const path = textOf(entity.path);
  return (
    <>
      <Panel
        title={textOf(entity.name) ?? textOf(entity.title) ?? path ?? id}
        note={textOf(entity.kind) ?? entity.type}
      >
        <Facts>
          {path !== null && <Fact label="Where">{placeOf(path, entity.location)}</Fact>}
          {entity.isExported === true && <Fact label="Exported">yes</Fact>}
          {validTo !== null && (
            <Fact label="Gone">
              <Age since={validTo} />
            </Fact>
          )}
          <Fact label="Id">
            <code className={classes.id}>{id}</code>
          </Fact>
        </Facts>
        {textOf(entity.signature) !== null && <pre className={classes.signature}>{textOf(entity.signature)}</pre>}
        {textOf(entity.docstring) !== null && <p className={classes.docstring}>{textOf(entity.docstring)}</p>}
      </Panel>
      <div className={classes.lists}>
        {NEIGHBOUR_LISTS.map((list) => (
          <NeighbourList key={list.title} id={id} {...list} />
        ))}
      </div>
      <SessionsPanel path={path} />
      <HistoryPanel id={id} />
    </>
  );
}

function SessionsPanel({ path }: { path: string | null }) {
  const { items, error } = useFileChanges(path);
  const titles = useSessionTitles(items.flatMap(({ sessionId }) => sessionId ?? []));
  if (error !== null) return <ProblemNote error={error} />;
  if (items.length === 0) return null;
  return (
    <Panel title="Sessions" note="that changed its file, the last first">
      <ul className={classes.list}>
        {items.map(({ id, sessionId, tool, operation, attribution, occurredAt }) => (
          <li key={id}>
            {sessionId === null ? (
              attribution
            ) : (
              <Link to="/sessions/$sessionId" params={{ sessionId }}>
                {titles.get(sessionId) ?? sessionId}
              </Link>
            )}
            <span className={classes.where}>
              {operation}
              {tool !== null && ` by ${tool}`}, <Age since={occurredAt} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function HistoryPanel({ id }: { id: string }) {
  const { data, error } = useEntityTimeline(id);
  if (error !== null) return <ProblemNote error={error} />;
  if (data === undefined || data.versions.length === 0) return null;
  return (
    <Panel title="History" note={`${data.versions.length} ${data.versions.length === 1 ? 'version' : 'versions'}`}>
      <div className={table.scroll}>
        <table className={table.table}>
          <thead>
            <tr>
              <th>Since</th>
              <th>Until</th>
              <th>Digest</th>
              <th>Path</th>
            </tr>
          </thead>
          <tbody>
            {[...data.versions].reverse().map(({ versionId, timestamp, until, hash, path }) => (
              <tr key={versionId} data-version={versionId}>
                <td>
                  <Age since={timestamp} />
                </td>
                <td>{until === null ? 'now' : <Age since={until} />}</td>
                <td>
                  <code>{hash.slice(0, 12)}</code>
                </td>
                <td>{path}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function placeOf(path: string, location: unknown): string {
  const line = typeof location === 'object' && location !== null && 'line' in location ? location.line : null;
  return typeof line === 'number' ? `${path}:${line}` : path;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

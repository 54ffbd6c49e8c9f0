import { IconSitemap } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import bar from '../list/filter-bar.module.css';
import { TypedFilter } from '../list/typed-filter.tsx';
import { Blank } from '../ui/blank.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { AroundView } from './around-view.tsx';
import { EntityView } from './entity-view.tsx';
import classes from './graph.module.css';
import { useEntitySearch, useIndexJobs } from './use-graph.ts';

const route = getRouteApi('/graph');
const DEFAULT_DEPTH = 2;
const MOST_DEPTH = 5;

/** The code graph: looked through by names, and from each entity on to its neighbours. */
export function GraphPage() {
  const { q, entity, depth, inside } = route.useSearch();
  const navigate = useNavigate({ from: '/graph' });
  const jobs = useIndexJobs();
  const running = jobs.data?.items.find(({ status }) => status === 'queued' || status === 'running');
  const note = running && `reading: ${running.filesDone} of ${running.filesAffected ?? '?'} files`;
  return (
    <Page title="Code" note={note}>
      {jobs.error !== null && <ProblemNote error={jobs.error} />}
      <search className={bar.bar} aria-label="Filters">
        <TypedFilter
          label="Find in the code"
          placeholder="Name, path or signature"
          wide
          value={q}
          onCommit={(text) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })}
        />
      </search>
      {q !== undefined && <FoundEntities query={q} />}
      {entity !== undefined && (
        <>
          <EntityView key={entity} id={entity} />
          <AroundView
            id={entity}
            depth={depthOf(depth)}
            inside={inside ?? ''}
            onChange={({ depth: steps, inside: part }) =>
              void navigate({
                search: (before) => ({
                  ...before,
                  ...(steps === undefined ? {} : { depth: String(steps) }),
                  ...(part === undefined ? {} : { inside: part === '' ? undefined : part }),
                }),
                replace: true,
              })
            }
            onChoose={(id) => void navigate({ search: { entity: id, depth } })}
          />
        </>
      )}
      {q === undefined && entity === undefined && jobs.data !== undefined && (
        <Blank
          icon={<IconSitemap size={28} />}
          title={jobs.data.items.length === 0 ? 'No code was read yet' : 'Find something'}
        >
          {jobs.data.items.length === 0 ? (
            <>
              The graph is read out of a workspace: <code>signalbox graph index .</code>
            </>
          ) : (
            'By its name, its path or its signature; from there on by what it calls, and what calls it.'
          )}
        </Blank>
      )}
    </Page>
  );
}

function FoundEntities({ query }: { query: string }) {
  const found = useEntitySearch(query);
  if (found.error !== null) return <ProblemNote error={found.error} />;
  if (found.data === undefined) return null;
  const { results, truncated } = found.data;
  if (results.length === 0)
    return <Blank title="Nothing is called that">Names, paths and signatures were looked at.</Blank>;
  return (
    <Panel title="Found" note={`${results.length}${truncated ? ', and more' : ''}`}>
      <ul className={classes.list}>
        {results.map(({ id, name, path, type, kind, signature }) => (
          <li key={id}>
            <Link to="/graph" search={{ entity: id }}>
              {name ?? path ?? id}
            </Link>
            <span className={classes.kind}>{kind ?? type}</span>
            <span className={classes.where}>{signature ?? (name === null ? '' : path)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function depthOf(text: string | undefined): number {
  const depth = Number(text ?? DEFAULT_DEPTH);
  return Number.isInteger(depth) && depth >= 1 && depth <= MOST_DEPTH ? depth : DEFAULT_DEPTH;
}

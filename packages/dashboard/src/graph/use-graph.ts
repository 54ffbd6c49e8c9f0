import type { TraverseGraph } from '@signalbox/client';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keepPrevious } from '../api/keep-previous.ts';
import { keys } from '../api/keys.ts';

const MOST_FOUND = 50;
/** Of one list of neighbours. */
const MOST_NEIGHBOURS = 200;
/** Of each direction around an entity. */
const MOST_AROUND = 1_000;
/** Workspaces that are asked who changed a file, and changes of each. */
const MOST_WORKSPACES = 10;
const MOST_CHANGES = 20;

/** Entities by name, path or signature. */
export function useEntitySearch(query: string | undefined) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.graph(project), 'search', query],
    queryFn: ({ signal }) => client.graph.search({ query: query ?? '', limit: MOST_FOUND }, { signal }),
    enabled: query !== undefined,
    placeholderData: keepPrevious([...keys.graph(project), 'search']),
  });
}

/** The work of reading code: whether any was ever read, and what is under way. */
export function useIndexJobs() {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.graph(project), 'jobs'],
    queryFn: ({ signal }) => client.graph.indexJobs({ signal }),
  });
}

export function useEntity(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.graph(project), 'entity', id],
    queryFn: ({ signal }) => client.graph.entity(id, undefined, { signal }),
  });
}

export function useEntityTimeline(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.graph(project), 'timeline', id],
    queryFn: ({ signal }) => client.graph.entityTimeline(id, { signal }),
  });
}

type Direction = NonNullable<TraverseGraph['direction']>;
export type RelationshipTypes = NonNullable<TraverseGraph['relationshipTypes']>;

/** What is one step from an entity, over relationships of some types. */
export function useNeighbours(id: string, direction: Direction, relationshipTypes: RelationshipTypes) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.graph(project), 'neighbours', id, direction, relationshipTypes],
    queryFn: ({ signal }) =>
      client.graph.traverse(
        { startId: id, direction, relationshipTypes, maxDepth: 1, limit: MOST_NEIGHBOURS },
        { signal },
      ),
  });
}

/** What is within some steps of an entity, in each direction apart. */
export function useAround(id: string, maxDepth: number, relationshipTypes: RelationshipTypes) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.graph(project), 'around', id, maxDepth],
    queryFn: async ({ signal }) => {
      const of = (direction: Direction) =>
        client.graph.traverse({ startId: id, direction, relationshipTypes, maxDepth, limit: MOST_AROUND }, { signal });
      const [incoming, outgoing] = await Promise.all([of('incoming'), of('outgoing')]);
      return { incoming, outgoing };
    },
    // Of the same entity alone: what is around another one would be drawn in the wrong parts.
    placeholderData: keepPrevious([...keys.graph(project), 'around', id]),
  });
}

/** Who changed a file, in any of the first workspaces, the last change first. */
export function useFileChanges(path: string | null) {
  const { client, project } = useApi();
  const workspaces = useQuery({
    queryKey: [...keys.workspaces(project), 'first'],
    queryFn: ({ signal }) => client.workspaces.list({ pageSize: MOST_WORKSPACES }, { signal }),
    enabled: path !== null,
  });
  const changes = useQueries({
    queries: (workspaces.data?.items ?? []).map(({ id }) => ({
      queryKey: [...keys.graph(project), 'changes', id, path],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        client.changes.ofWorkspace(
          id,
          { path: path ?? '', sortBy: 'position', sortOrder: 'desc', pageSize: MOST_CHANGES },
          { signal },
        ),
    })),
  });
  const items = changes
    .flatMap(({ data }) => data?.items ?? [])
    .sort((a, b) => (a.occurredAt < b.occurredAt ? 1 : -1))
    .slice(0, MOST_CHANGES);
  return { items, error: workspaces.error ?? changes.find(({ error }) => error !== null)?.error ?? null };
}

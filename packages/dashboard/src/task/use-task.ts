import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useLiveEvents } from '../live/live-provider.tsx';
import { RefreshRate } from '../live/refresh-rate.ts';
import { isAtWork, isOver } from '../tasks/task-status.ts';
import { mayConcern } from './may-concern.ts';

/** What the agent says of its progress is not told as an event. */
const PROGRESS_REFRESH_MS = 2_000;
const ETA_REFRESH_MS = 5_000;
const REFRESH_MS = 400;

/** The task and all that is kept about it, read again as soon as the stream may tell of a change. */
export function useTask(id: string) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const rate = useRef<RefreshRate | null>(null);
  useEffect(() => {
    const made = new RefreshRate(REFRESH_MS, () => queries.invalidateQueries({ queryKey: keys.task(project, id) }));
    rate.current = made;
    return () => made.stop();
  }, [id, project, queries]);
  useLiveEvents((event) => {
    if (mayConcern(event, id)) rate.current?.changed(id);
  });
  return useQuery({
    queryKey: keys.taskPart(project, id, 'itself'),
    queryFn: ({ signal }) => client.tasks.get(id, { signal }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isAtWork(state.data.status) ? PROGRESS_REFRESH_MS : false,
  });
}

export function useTaskAttempts(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.taskPart(project, id, 'attempts'),
    queryFn: ({ signal }) => client.tasks.attempts(id, { signal }),
  });
}

/** @param over a task that is over has no time left to foretell; only how good foretelling was is asked for, once. */
export function useTaskEta(id: string, over: boolean) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.taskPart(project, id, 'eta'),
    queryFn: ({ signal }) => client.tasks.eta(id, { signal }),
    refetchInterval: over ? false : ETA_REFRESH_MS,
  });
}

const RELATIVES = 100;
const RELATIVES_REFRESH_MS = 5_000;

/** The tasks it waits for, those that wait for it, and what it was decomposed into; a hundred of each at most. */
export function useTaskRelatives(id: string) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: keys.taskPart(project, id, 'relatives'),
    queryFn: async ({ signal }) => {
      const [dependencies, children] = await Promise.all([
        client.tasks.dependencies(id, { signal }),
        client.tasks.children(id, { pageSize: RELATIVES }, { signal }),
      ]);
      const others = dependencies.items.map((edge) => (edge.taskId === id ? edge.dependsOn : edge.taskId));
      const named = [...new Set(others)].slice(0, RELATIVES).join(',');
      const found =
        named === '' ? [] : (await client.tasks.list({ 'id.in': named, pageSize: RELATIVES }, { signal })).items;
      return { dependencies, children, tasks: new Map(found.map((task) => [task.id, task])) };
    },
    // Others change without an event that names this one.
    refetchInterval: ({ state }) =>
      [...(state.data?.tasks.values() ?? []), ...(state.data?.children.items ?? [])].some(
        ({ status }) => !isOver(status),
      )
        ? RELATIVES_REFRESH_MS
        : false,
  });
}

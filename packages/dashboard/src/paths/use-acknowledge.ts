import type { Conflict } from '@signalbox/client';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { notifyProblem } from '../ui/notify.tsx';

/** Says that somebody has seen a conflict. It takes nothing from anybody, so that nobody is asked. */
export function useAcknowledge(): UseMutationResult<Conflict, Error, string> {
  const { client, project } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => client.conflicts.acknowledge(id),
    onError: (error) => notifyProblem(error, 'It was not acknowledged'),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.conflicts(project) }),
  });
}

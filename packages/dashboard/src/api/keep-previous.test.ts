import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { keepPrevious } from './keep-previous.ts';
import { keys } from './keys.ts';

it('shows the answer before while the next is fetched, and none of another session or project', async () => {
  const queries = new QueryClient();
  const optionsOf = (project: string, session: string, seq: number) => {
    const prefix = keys.replay(project, session);
    const queryKey = [...prefix, 'state', seq];
    return { queryKey, queryFn: async () => `${project} ${session} ${seq}`, placeholderData: keepPrevious(prefix) };
  };
  const observer = new QueryObserver(queries, optionsOf('shop', 's1', 1));
  const stop = observer.subscribe(() => undefined);
  const shown = () => observer.getCurrentResult();
  await observer.refetch();
  expect(shown().data).toBe('shop s1 1');
  observer.setOptions(optionsOf('shop', 's1', 2));
  expect([shown().data, shown().isPlaceholderData]).toEqual(['shop s1 1', true]);
  await observer.refetch();
  expect([shown().data, shown().isPlaceholderData]).toEqual(['shop s1 2', false]);
  observer.setOptions(optionsOf('shop', 's2', 2));
  expect(shown().data).toBeUndefined();
  await observer.refetch();
  observer.setOptions(optionsOf('bank', 's2', 2));
  expect(shown().data).toBeUndefined();
  stop();
});

import { ApiError } from '@signalbox/client';
import { QueryClient } from '@tanstack/react-query';

const TRIES = 3;

/**
 * Answers stay fresh until the live connection says otherwise; see `live/`. What the server refused (4xx) is not asked
 * again: it would be refused again.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < TRIES && !(ApiError.is(error) && error.status < 500),
        retryDelay: (failures) => Math.min(4000, 300 * 2 ** failures),
        // The browser's guess about the network says nothing about a server on the same machine.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

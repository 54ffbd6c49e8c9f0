import type { ListQuery } from '@signalbox/client';

export const LOCK_FILTER_NAMES = ['q', 'mode', 'state'] as const;
export type LockFilters = { [Name in (typeof LOCK_FILTER_NAMES)[number]]?: string | undefined };

const MODES = ['exclusive', 'shared'];
const STATES = ['held', 'lost'];

/** What to ask the server for, by resource, mode and state; the last acquired first. */
export function lockQueryOf({ q, mode, state }: LockFilters): ListQuery {
  return {
    ...(q === undefined ? {} : { 'resource.contains': q }),
    ...(mode !== undefined && MODES.includes(mode) ? { mode } : {}),
    ...(state !== undefined && STATES.includes(state) ? { state } : {}),
  };
}

export function isNarrowed(filters: LockFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

import type { Executor } from '../database/index.ts';
import { SignalboxError } from '../errors/index.ts';
import type { FeedCursor, FeedEntry } from './feed-entry.ts';
import { readSlice } from './feed-store.ts';

/** What comes after a place in a project's feed. */
export interface FeedPage {
  /**
   * True when the place is unknown here: of another database, older than retention, or newer than the newest. Then there
   * are no entries, and the reader has to take the present state from elsewhere and go on from `head`.
   */
  reset: boolean;
  entries: FeedEntry[];
  /** The feed's newest place at this instant. */
  head: FeedCursor;
}

const MAX_LIMIT = 1_000;

/**
 * Entries after `after`, oldest first; null means from now on, and answers none. Whoever has seen position n has seen all
 * before it: positions are given after commit, so none appears below one that was read.
 * @throws PROJECT_NOT_FOUND
 */
export async function readFeed(
  executor: Executor,
  projectId: string,
  after: FeedCursor | null,
  limit: number = MAX_LIMIT,
): Promise<FeedPage> {
  const from = after?.position ?? Number.MAX_SAFE_INTEGER;
  const slice = await readSlice(executor, projectId, from, Math.min(limit, MAX_LIMIT));
  if (!slice) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
  const { epoch, first, last, entries } = slice;
  const head = { epoch, position: last };
  const known = after === null || (after.epoch === epoch && after.position >= first - 1 && after.position <= last);
  return { reset: !known, entries: known ? entries : [], head };
}

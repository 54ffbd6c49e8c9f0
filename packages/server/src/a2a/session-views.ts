import type { Approval, Core, JournalEvent, Session } from '@signalbox/core';
import type { Caller } from '../calls/caller.ts';
import { listApprovals } from '../contract/approvals.ts';
import { readJournal } from '../contract/session-parts.ts';
import { getSession } from '../contract/sessions.ts';
import { tellsOf } from '../sse/entry-events.ts';
import type { SessionView } from './session-task.ts';

/** Messages of a session that are read at most: the latest. */
const MOST_MESSAGES = 100;

interface Page<Item> {
  items: Item[];
}

/** @throws SESSION_NOT_FOUND, FORBIDDEN and what the API throws */
export async function viewOf(caller: Caller, id: string): Promise<SessionView> {
  return completed(caller, (await caller.run(getSession, { params: { id } })) as Session);
}

/** What else a task is made of. */
export async function completed(caller: Caller, session: Session): Promise<SessionView> {
  const query = { types: 'message', order: 'desc', pageSize: String(MOST_MESSAGES) };
  const journal = (await caller.run(readJournal, { params: { id: session.id }, query })) as Page<JournalEvent>;
  return { session, said: journal.items.reverse(), approvals: await openApprovals(caller, session) };
}

async function openApprovals(caller: Caller, { id, status }: Session): Promise<Approval[]> {
  if (status !== 'paused') return [];
  const query = { sessionId: id, status: 'pending' };
  return ((await caller.run(listApprovals, { query })) as Page<Approval>).items;
}

/** The session as it is, and again whenever something happened to it. Ends when `signal` aborts. */
export async function* followSession(
  caller: Caller,
  subscription: Awaited<ReturnType<Core['feed']['subscribe']>>,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<SessionView, void, undefined> {
  const close = () => subscription.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    // The feed is followed from before the first look, so that nothing falls in between.
    yield await viewOf(caller, id);
    for await (const item of subscription) {
      if (item.kind === 'hello' || (item.kind === 'entry' && !tellsOf(item.entry, id))) continue;
      yield await viewOf(caller, id);
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

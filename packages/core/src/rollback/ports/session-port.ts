import type { Database } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Session, Sessions } from '../../sessions/index.ts';
import { checkExpected } from './graph-port.ts';
import { itemData, itemsIn, type StatePort } from './state-port.ts';

/** Key in a session's metadata under which its last rollback stands (RB-202). It tells of rollbacks and is not undone by them. */
export const LAST_ROLLBACK = 'lastRollback';

/**
 * What of a session can be put back: what its owner may change at any time. Its status, journal and metrics are history.
 * The code state is what the journal says, and goes on with it.
 */
type SessionState = Pick<
  Session,
  'title' | 'description' | 'sessionType' | 'priority' | 'agentRole' | 'tags' | 'metadata' | 'limits'
>;

/** The state of the session that a point belongs to (RB-030), through the verbs of its room. */
export function sessionPort(
  sessions: Pick<Sessions, 'get' | 'within'>,
  database: Pick<Database, 'transaction'>,
): StatePort {
  return {
    type: 'session_state',
    appliesTo: ({ sessionId }) => sessionId !== null,
    async capture(executor, { projectId, sessionId }) {
      const session = await sessions
        .within(executor as Parameters<Sessions['within']>[0])
        .get(projectId, sessionId as string);
      if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      return itemData([{ key: session.id, value: stateOf(session), modifiedAt: session.updatedAt }]);
    },
    itemsOf: async (_scope, data) => itemsIn(data),
    async read({ projectId }, keys) {
      const found = await Promise.all(keys.map((id) => sessions.get(projectId, id)));
      return new Map(found.flatMap((session) => (session ? [[session.id, stateOf(session)] as const] : [])));
    },
    async write({ projectId }, { key, value, expected }, actor) {
      await database.transaction(async (tx) => {
        const room = sessions.within(tx);
        const live = await room.get(projectId, key);
        if (!live || value === undefined) throw new SignalboxError('SESSION_NOT_FOUND', { id: key });
        checkExpected(`session:${key}`, stateOf(live), expected);
        const { metadata, ...fields } = value as SessionState;
        const gone = Object.keys(live.metadata).filter(
          (name) => name !== LAST_ROLLBACK && !Object.hasOwn(metadata, name),
        );
        const patch = { ...metadata, ...Object.fromEntries(gone.map((name) => [name, null])) };
        await room.update(projectId, key, { ...fields, metadata: patch }, actor, { version: live.version });
      });
    },
  };
}

function stateOf(session: Session): SessionState {
  const { title, description, sessionType, priority, agentRole, tags, limits } = session;
  const { [LAST_ROLLBACK]: _, ...metadata } = session.metadata;
  return { title, description, sessionType, priority, agentRole, tags, metadata, limits };
}

import { z } from 'zod';
import { appendInTransaction, setExpiry } from '../journal/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput } from '../platform/errors/index.ts';
import { checkAlive, holdSession, reread } from './held-sessions.ts';
import { type Session, textSchema } from './session.ts';
import { countMembers, endMembership, insertMember } from './session-agent-store.ts';
import type { SessionScope } from './session-parts.ts';
import { tellFeed } from './session-write.ts';

export const memberSchema = z.strictObject({ agent: textSchema.pipe(z.string().min(1).max(100)) });
export type Member = z.input<typeof memberSchema>;

/** Seconds a session with a lifetime still has once its last member has left (SES-069). */
const ABANDONED_SECONDS = 300;

/** Who takes part. Membership is written by agents, so it never raises the session's version (as the journal, design.md §9). */
export function membershipVerbs(scope: SessionScope) {
  return {
    /** SES-083: a member joins once; the journal tells of it. @throws SESSION_NOT_FOUND, SESSION_EXPIRED */
    async join(projectId: string, id: string, input: Member): Promise<Session> {
      const { agent } = parseInput(memberSchema, input);
      return scope.write(async (tx) => {
        const session = await holdSession(tx, projectId, id);
        checkAlive(session, scope.clock.now());
        if (await insertMember(tx, projectId, id, agent)) await tell(scope, tx, session, agent, 'joined');
        return reread(tx, projectId, id);
      });
    },

    /** SES-084: after the last one has left, a session with a lifetime has 300 s left. @throws as `join` */
    async leave(projectId: string, id: string, input: Member): Promise<Session> {
      const { agent } = parseInput(memberSchema, input);
      return scope.write(async (tx) => {
        const session = await holdSession(tx, projectId, id);
        checkAlive(session, scope.clock.now());
        if (await endMembership(tx, projectId, id, agent)) {
          await tell(scope, tx, session, agent, 'left');
          const abandoned = session.ttl !== null && (await countMembers(tx, projectId, id)) === 0;
          const end = new Date(scope.clock.now().getTime() + ABANDONED_SECONDS * 1000);
          if (abandoned) await setExpiry(tx, projectId, id, end);
        }
        return reread(tx, projectId, id);
      });
    },
  };
}

async function tell(
  scope: SessionScope,
  tx: Transaction,
  session: Session,
  agent: string,
  direction: 'joined' | 'left',
): Promise<void> {
  const { id, projectId, status, version } = session;
  const changeInfo = { elementType: 'session' as const, entityIds: [], operation: 'modified' as const };
  const event = { type: 'handoff' as const, actor: agent, changeInfo, payload: { direction, agent } };
  await appendInTransaction(tx, projectId, id, [event], { at: scope.clock.now(), ids: scope.ids });
  await tellFeed(tx, projectId, [{ sessionId: id, change: 'updated', status, version, agent, direction }]);
}

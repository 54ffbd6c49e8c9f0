import type { Approval, Approvals, RequestApproval } from '../approvals/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import type { CreateSession } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Sessions that do not start before people have allowed it (CTL-031). */
export class SessionRequests {
  readonly #database: Database;
  readonly #sessions: Pick<Sessions, 'within'>;
  readonly #approvals: Pick<Approvals, 'requestWithin'>;

  constructor(parts: {
    database: Database;
    sessions: Pick<Sessions, 'within'>;
    approvals: Pick<Approvals, 'requestWithin'>;
  }) {
    this.#database = parts.database;
    this.#sessions = parts.sessions;
    this.#approvals = parts.approvals;
  }

  /**
   * Makes a session and asks people whether it may start: both or neither. It stays `pending` until they have answered.
   * @throws what creating a session throws, and what asking for an approval throws.
   */
  request(
    projectId: string,
    { session, terms }: { session: CreateSession; terms?: RequestApproval['terms'] },
    actor: string,
  ): Promise<Approval> {
    return this.#database.transaction(
      async (tx) => {
        const made = await this.#sessions.within(tx).create(projectId, { ...session, start: false }, actor);
        const asked = { subject: 'session' as const, sessionId: made.id, ...(terms && { terms }) };
        return this.#approvals.requestWithin(tx, projectId, asked, actor);
      },
      { retries: 3 },
    );
  }
}

/** What the answer about its start does to a session that still waits: it starts, or is cancelled. */
export async function settleSession(
  sessions: Pick<Sessions, 'within'>,
  tx: Transaction,
  { projectId, sessionId, status, decidedBy }: Approval,
): Promise<void> {
  if (sessionId === null) return;
  const verbs = sessions.within(tx);
  if ((await verbs.get(projectId, sessionId))?.status !== 'pending') return;
  const actor = decidedBy ?? 'system';
  await (status === 'approved' ? verbs.start(projectId, sessionId, actor) : verbs.cancel(projectId, sessionId, actor));
}

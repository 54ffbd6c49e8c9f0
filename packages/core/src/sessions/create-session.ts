import { type AuditEntry, recordAudits } from '../audit/index.ts';
import { appendAllInTransaction, type JournalOrigin, openJournals } from '../journal/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { redactPlain } from '../platform/redaction/index.ts';
import { type CreateSession, createSessionSchema, type Session } from './session.ts';
import { holdLive } from './session-family-store.ts';
import type { SessionScope } from './session-parts.ts';
import { getSessions, insertSessions, type NewSession } from './session-store.ts';
import { tellFeed } from './session-write.ts';
import { startHeld } from './start-session.ts';

/** Most sessions that one bulk call takes. */
export const BULK_LIMIT = 5000;

/** The actor of open mode: nobody in particular, so not the creator of anything (design.md §9). */
const ANONYMOUS = 'anonymous';

type Draft = NewSession & {
  start: boolean;
  initialEntityIds: string[];
  /** What its journal begins with, where that is not what the session is made with. */
  origin?: JournalOrigin;
};

export function creationVerbs(scope: SessionScope) {
  return {
    /**
     * Makes a session (ORC-194, CTL-010, SES-060): `pending`, or started at once with `start`, with its metrics row,
     * members and journal, in one transaction. A terminal parent may take new children (ORC-195).
     * @throws VALIDATION_FAILED, UNKNOWN_FIELD, SESSION_EXISTS for its id or title, SESSION_NOT_FOUND for its parent,
     *   WORKSPACE_NOT_FOUND, SESSION_NOT_EXECUTABLE
     */
    async create(projectId: string, input: CreateSession, actor: string): Promise<Session> {
      const draft = toDraft(scope, input, actor);
      const [session] = await scope.write((tx) => insert(scope, tx, projectId, actor, [draft]));
      if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: draft.id });
      return session;
    },

    /** ORC-108: all or none, answered in the order given. Parents may be among them. @throws as `create` */
    async bulkInsert(projectId: string, inputs: readonly CreateSession[], actor: string): Promise<Session[]> {
      checkBulkSize(inputs.length);
      const drafts = inputs.map((input) => toDraft(scope, input, actor));
      return scope.write((tx) => insert(scope, tx, projectId, actor, drafts));
    },
  };
}

/** @throws VALIDATION_FAILED */
export function checkBulkSize(count: number): void {
  if (count > BULK_LIMIT) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: `one call takes at most ${BULK_LIMIT} sessions` });
  }
}

/** A session whose members and metadata are those given, and whose journal begins with `origin`. @throws as `create` */
export async function createWithOrigin(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  input: CreateSession & { agentIds: string[] },
  origin: JournalOrigin,
  actor: string,
): Promise<void> {
  const draft = toDraft(scope, input, actor);
  await insert(scope, tx, projectId, actor, [{ ...draft, agentIds: input.agentIds, origin }]);
}

function toDraft(scope: SessionScope, input: CreateSession, actor: string): Draft {
  const { id, createdBy: given, agentIds, ...fields } = parseInput(createSessionSchema, input);
  if (fields.paths.length > 0 && (fields.runtime === null || fields.workspaceId === null)) {
    const reason = 'paths are claimed for a run in a workspace: name runtime and workspaceId too';
    throw new SignalboxError('VALIDATION_FAILED', { reason });
  }
  if (fields.isolation === 'worktree' && (fields.runtime === null || fields.workspaceId === null)) {
    const reason = 'a work tree is made for a run in a workspace: name runtime and workspaceId too';
    throw new SignalboxError('VALIDATION_FAILED', { reason });
  }
  const createdBy = given ?? (actor === ANONYMOUS ? null : actor);
  const members = new Set([...(createdBy === null ? [] : [createdBy]), ...agentIds]);
  const { title, description, metadata, tags } = fields;
  // What describes it. What it works with (prompt, command, agentConfig) stays as it is, and is masked where it is shown.
  const told = redactPlain({ title, description, metadata, tags });
  return { ...fields, ...told, id: id ?? scope.ids.uuid(), createdBy, agentIds: [...members] };
}

async function insert(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  drafts: readonly Draft[],
): Promise<Session[]> {
  if (drafts.length === 0) return [];
  const ids = drafts.map((draft) => draft.id);
  await checkParents(tx, projectId, drafts);
  for (const workspaceId of new Set(drafts.map((draft) => draft.workspaceId))) {
    if (workspaceId !== null) await scope.workspaces.get(projectId, workspaceId, tx);
  }
  const rows = drafts.map(({ start: _start, initialEntityIds: _entities, origin: _origin, ...row }) => row);
  await insertSessions(tx, projectId, actor, rows);
  await beginJournals(scope, tx, projectId, actor, drafts);
  await tellFeed(
    tx,
    projectId,
    drafts.map(({ id, title, sessionType, createdBy }) => {
      return { sessionId: id, change: 'created', status: 'pending', version: 1, title, sessionType, createdBy };
    }),
  );
  await recordAudits(
    tx,
    projectId,
    drafts.map((draft) => auditOf(draft, actor)),
    scope.ids,
  );
  const started = drafts.filter((draft) => draft.start).map((draft) => draft.id);
  if (started.length > 0) await startHeld(scope, tx, projectId, actor, started);
  return getSessions(tx, projectId, ids);
}

/** Parents must be live, and those within the batch must not form a circle. @throws SESSION_NOT_FOUND, SESSION_PARENT_CYCLE */
async function checkParents(tx: Transaction, projectId: string, drafts: readonly Draft[]): Promise<void> {
  const given = new Map(drafts.map((draft) => [draft.id, draft]));
  const parents = drafts.flatMap(({ parentId }) => (parentId === null || given.has(parentId) ? [] : [parentId]));
  if (parents.length > 0) {
    const live = await holdLive(tx, projectId, [...new Set(parents)]);
    const missing = parents.find((id) => !live.has(id));
    if (missing !== undefined) throw new SignalboxError('SESSION_NOT_FOUND', { id: missing });
  }
  for (const draft of drafts) {
    const seen = new Set([draft.id]);
    for (let at = draft.parentId; at !== null; at = given.get(at)?.parentId ?? null) {
      if (seen.has(at)) throw new SignalboxError('SESSION_PARENT_CYCLE', { id: draft.id, parentId: draft.parentId });
      seen.add(at);
    }
  }
}

/** Opens the journals; entities the work starts on make the first event (SES-061). */
async function beginJournals(
  scope: SessionScope,
  tx: Transaction,
  projectId: string,
  actor: string,
  drafts: readonly Draft[],
): Promise<void> {
  const at = scope.clock.now();
  const journals = drafts.map(({ id, ttl, agentIds, metadata, origin }) => {
    const made = { agentIds, metadata, codeState: 'working' as const };
    return { sessionId: id, ttlSeconds: ttl, origin: origin ?? made };
  });
  await openJournals(tx, projectId, journals, at);
  const entries = drafts.flatMap(({ id, initialEntityIds, createdBy }) => {
    if (initialEntityIds.length === 0) return [];
    const changeInfo = { elementType: 'session' as const, operation: 'init' as const, entityIds: initialEntityIds };
    return [{ sessionId: id, events: [{ type: 'start' as const, actor: createdBy ?? actor, changeInfo }] }];
  });
  await appendAllInTransaction(tx, projectId, entries, { at, ids: scope.ids });
}

function auditOf({ id, title, sessionType, createdBy, parentId }: Draft, actor: string): AuditEntry {
  const details = { title, sessionType, createdBy, parentId };
  return { actor, action: 'session.create', subjectType: 'session', subjectId: id, versionAfter: 1, details };
}

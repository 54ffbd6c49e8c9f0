import { isDeepStrictEqual } from 'node:util';
import { recordAudit } from '../audit/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { onFeedSignal, recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { storableJson } from '../platform/json/storable-json.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import { redact, redactText } from '../platform/redaction/index.ts';
import { roleAllows } from '../projects/index.ts';
import type { EnqueueTask, TaskQueue } from '../tasks/index.ts';
import {
  type Approval,
  type ApprovalComment,
  type ApprovalRecord,
  type Approver,
  answered,
  type Objection,
  objectionTo,
  type RequestApproval,
  requestApprovalSchema,
  widened,
} from './approval.ts';
import { dueApprovals, escalate, remind, strandedApprovals } from './approval-due-store.ts';
import { pageApprovals } from './approval-list-store.ts';
import {
  decideApproval,
  findPending,
  findSubject,
  getApproval,
  insertApproval,
  insertVote,
  lockApproval,
  useApproval,
} from './approval-store.ts';
import { commentsOn, insertComment, votesOn } from './approval-talk-store.ts';
import { approvalDigest, type ExactRequest } from './digest.ts';
import { keepsMask } from './edited-arguments.ts';

/** What decides by itself: the time that runs out, the session that ends. */
const SYSTEM = 'system';
/** How often a wait looks by itself, in milliseconds; hints make it look at once. */
const POLL_MS = 1_000;
/** What one round of looking after open questions takes. */
const DUE_AT_ONCE = 100;

type Change = 'requested' | 'voted' | 'decided' | 'commented' | 'reminded' | 'escalated' | 'used';

/** An answer to an approval. */
export interface Answer {
  verdict: 'approve' | 'reject';
  reason?: string | null;
  /** What is to be done in place of what was asked for; only with `approve`. */
  arguments?: Approval['arguments'];
  version?: number | undefined;
}

/** Told, in the transaction that decides, of what was decided: lets what is held go on, or refuses it. */
export type SettleApproval = (tx: Transaction, approval: Approval) => Promise<void>;

export interface ApprovalsOptions {
  database: Database;
  clock: Clock;
  ids: Ids;
  /** Of the digests; at least 32 random bytes that are kept outside of the database. */
  key: Buffer;
  /** Where tasks are held back. */
  tasks: Pick<TaskQueue, 'within'>;
  /** What becomes of sessions whose run has ended meanwhile. */
  settle?: SettleApproval;
}

/** Questions to people: asked, answered once, and good for once. */
export class Approvals {
  readonly #parts: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#parts = options;
  }

  /** What an approval for exactly this is bound to. @throws VALIDATION_FAILED */
  digestOf(request: ExactRequest): string {
    return approvalDigest(this.#parts.key, request);
  }

  /**
   * Asks. The same question that is open already is answered with the open one.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, APPROVAL_SUBJECT_NOT_FOUND, APPROVAL_TOO_LATE for the start of a session that
   *   is not pending any more.
   */
  request(projectId: string, input: RequestApproval, actor: string): Promise<Approval> {
    return this.#parts.database.transaction((tx) => this.requestWithin(tx, projectId, input, actor), { retries: 3 });
  }

  /** {@link request}, together with what else the transaction does. */
  async requestWithin(tx: Transaction, projectId: string, input: RequestApproval, actor: string): Promise<Approval> {
    const { clock, ids } = this.#parts;
    const { terms, summary, ...given } = parseInput(requestApprovalSchema, input);
    const starts = given.subject === 'session';
    const known = await findSubject(tx, projectId, given.sessionId, given.taskId, starts);
    if (!known.session) throw unknownSubject('session', given.sessionId);
    if (!known.task) throw unknownSubject('task', given.taskId);
    if (starts && known.status !== 'pending')
      throw new SignalboxError('APPROVAL_TOO_LATE', { id: given.sessionId, status: known.status });
    // What a task or a session will do is what stands in the database, whatever is said of it.
    const content = { tool_call: null, task: known.taskContent, session: known.sessionContent }[given.subject];
    const asked = content === null ? given : { ...given, arguments: content };
    const digest = this.digestOf({ projectId, ...asked });
    const requestedAt = clock.now();
    const after = (seconds: number | null) =>
      seconds === null ? null : new Date(requestedAt.getTime() + seconds * 1000);
    const shown = redact(storableJson(asked.arguments)) as Approval['arguments'];
    const made = await insertApproval(tx, projectId, {
      ...asked,
      id: ids.uuid(),
      arguments: shown,
      digest,
      summary: redactText(summary ?? summaryOf(asked.tool ?? asked.subject, shown)),
      why: terms.reason,
      quorum: terms.quorum,
      roles: widened(terms.roles, []),
      requestedBy: actor,
      barred: [...new Set([actor, ...(known.creator === null ? [] : [known.creator])])],
      requestedAt,
      expiresAt: new Date(requestedAt.getTime() + terms.timeoutSeconds * 1000),
      remindAt: after(terms.remindAfterSeconds),
      escalateAt: terms.escalateTo.length === 0 ? null : after(terms.escalateAfterSeconds),
      escalateTo: terms.escalateTo,
    });
    if (!made) {
      const open = await findPending(tx, projectId, digest);
      // Decided in this very moment: what has been asked is asked anew.
      return open ?? this.requestWithin(tx, projectId, input, actor);
    }
    if (made.subject === 'task' && made.taskId !== null)
      await this.#parts.tasks.within(tx).holdBack(projectId, made.taskId);
    await this.#tell(tx, made, 'requested', 'request', actor, { terms });
    return made;
  }

  /**
   * Enqueues a task that does not run before people have allowed it (CTL-031), and asks them: both or neither. A task that was
   * enqueued before under the same idempotency key is answered with the approval that it waits for.
   * @throws what enqueueing and {@link request} throw, TASK_INVALID_TRANSITION
   */
  requestTask(
    projectId: string,
    { task, terms }: { task: EnqueueTask; terms?: RequestApproval['terms'] },
    actor: string,
  ): Promise<Approval> {
    return this.#parts.database.transaction(
      async (tx) => {
        const { taskId } = await this.#parts.tasks.within(tx).enqueue(projectId, task);
        return this.requestWithin(tx, projectId, { subject: 'task', taskId, ...(terms && { terms }) }, actor);
      },
      { retries: 3 },
    );
  }

  /** A page of the project's approvals; see `APPROVAL_FIELDS`. */
  list(projectId: string, query: ListQuery = {}): Promise<Page<Approval>> {
    return pageApprovals(this.#parts.database, projectId, query);
  }

  /** @throws APPROVAL_NOT_FOUND */
  async get(projectId: string, id: string): Promise<ApprovalRecord> {
    const { database } = this.#parts;
    const approval = await getApproval(database, projectId, id);
    if (!approval) throw new SignalboxError('APPROVAL_NOT_FOUND', { id });
    return {
      ...approval,
      votes: await votesOn(database, projectId, id),
      comments: await commentsOn(database, projectId, id),
    };
  }

  /**
   * Answers. Of many who answer at once one decides; the others are told who did.
   * @throws APPROVAL_NOT_FOUND, APPROVAL_DECIDED, APPROVAL_ROLE, APPROVAL_OWN, APPROVAL_VOTED, OPTIMISTIC_LOCK, VALIDATION_FAILED
   */
  async decide(projectId: string, id: string, answer: Answer, by: Approver): Promise<Approval> {
    return this.#held(projectId, id, answer.version, async (tx, { approval, question }, at) => {
      const objection = objectionTo(question, by);
      if (objection !== null) throw refusal(objection, approval, by);
      const { verdict } = answer;
      const reason = answer.reason == null ? null : redactText(answer.reason);
      const edited = answer.arguments === undefined ? null : this.#edited(approval, answer.arguments);
      await insertVote(tx, projectId, id, { actor: by.actor, verdict, reason, at });
      const status = answered(question, verdict);
      if (status === 'pending') {
        const voted = { ...approval, approvals: question.approvedBy.length + 1 };
        await this.#tell(tx, voted, 'voted', 'vote', by.actor, { reason });
        return voted;
      }
      return this.#end(tx, projectId, id, { status, by: by.actor, at, reason, edited }, edited ? 'edit' : verdict);
    });
  }

  /** Approves something else than was asked for, which has a digest of its own. @throws as {@link decide} */
  editAndApprove(
    projectId: string,
    id: string,
    { arguments: edited, ...answer }: Omit<Answer, 'verdict'> & { arguments: Approval['arguments'] },
    by: Approver,
  ): Promise<Approval> {
    return this.decide(projectId, id, { ...answer, verdict: 'approve', arguments: edited }, by);
  }

  /**
   * Takes the question back: whoever asked it may, and operators.
   * @throws APPROVAL_NOT_FOUND, APPROVAL_DECIDED, APPROVAL_NOT_YOURS, OPTIMISTIC_LOCK
   */
  withdraw(
    projectId: string,
    id: string,
    { reason = null, version }: { reason?: string | null; version?: number | undefined },
    by: Approver,
  ): Promise<Approval> {
    return this.#held(projectId, id, version, async (tx, { approval }, at) => {
      if (approval.status !== 'pending') throw refusal('decided', approval, by);
      if (by.actor !== approval.requestedBy && !roleAllows(by.role, 'operator'))
        throw new SignalboxError('APPROVAL_NOT_YOURS', { id, requestedBy: approval.requestedBy });
      const why = reason === null ? null : redactText(reason);
      return this.#end(tx, projectId, id, { status: 'withdrawn', by: by.actor, at, reason: why }, 'withdraw');
    });
  }

  /** Says something about an approval without deciding it. @throws APPROVAL_NOT_FOUND */
  async comment(projectId: string, id: string, text: string, actor: string): Promise<ApprovalComment> {
    const { database, clock, ids } = this.#parts;
    return database.transaction(async (tx) => {
      const approval = await getApproval(tx, projectId, id);
      if (!approval) throw new SignalboxError('APPROVAL_NOT_FOUND', { id });
      const comment = { id: ids.uuid(), approvalId: id, actor, text: redactText(text) };
      const at = clock.now();
      await insertComment(tx, projectId, { ...comment, at });
      await this.#tell(tx, approval, 'commented', 'comment', actor, { commentId: comment.id });
      return { ...comment, at: at.toISOString() };
    });
  }

  /**
   * Uses an approval for exactly this up: of several who try at once one gets it. Null where there is none, or it was
   * used already.
   */
  use(projectId: string, sessionId: string | null, digest: string, actor: string = SYSTEM): Promise<Approval | null> {
    const { database, clock } = this.#parts;
    return database.transaction(
      async (tx) => {
        const used = await useApproval(tx, projectId, sessionId, digest, clock.now());
        if (used) await this.#tell(tx, used, 'used', 'use', actor, {});
        return used;
      },
      { retries: 3 },
    );
  }

  /** Waits until it is decided, or the signal is aborted; answers how it stands then. @throws APPROVAL_NOT_FOUND */
  async waitFor(projectId: string, id: string, signal: AbortSignal): Promise<Approval> {
    const { database, clock } = this.#parts;
    for (;;) {
      const looked = new AbortController();
      const unsubscribe = onFeedSignal(() => looked.abort());
      try {
        const approval = await getApproval(database, projectId, id);
        if (!approval) throw new SignalboxError('APPROVAL_NOT_FOUND', { id });
        if (approval.status !== 'pending' || signal.aborted) return approval;
        await clock.sleep(POLL_MS, AbortSignal.any([signal, looked.signal]));
      } finally {
        unsubscribe();
      }
    }
  }

  /** Ends what ran out of time or of sense, reminds, escalates: in all projects. Answers how many were looked after. */
  async lookAfter(): Promise<number> {
    const { database, clock } = this.#parts;
    const due = await dueApprovals(database, clock.now(), DUE_AT_ONCE);
    // Whoever is held by somebody else is looked after by him.
    for (const { projectId, id } of due)
      await this.#held(projectId, id, undefined, (tx, one, at) => this.#nudge(tx, one, at));
    const stranded = await strandedApprovals(database, DUE_AT_ONCE);
    for (const { projectId, id } of stranded)
      await this.#held(projectId, id, undefined, async (tx, { approval }, at) => {
        if (approval.status !== 'pending') return approval;
        const reason = 'what it was asked for is over';
        return this.#end(tx, projectId, id, { status: 'withdrawn', by: SYSTEM, at, reason }, 'withdraw');
      });
    return due.length + stranded.length;
  }

  async #nudge(tx: Transaction, { approval, escalateTo }: Held, at: Date): Promise<Approval> {
    const { projectId, id } = approval;
    const reminded = await remind(tx, projectId, id, at);
    if (reminded) await this.#tell(tx, reminded, 'reminded', 'remind', SYSTEM, { roles: reminded.roles });
    const roles = widened(approval.roles, escalateTo);
    const escalated = await escalate(tx, projectId, id, at, roles);
    if (escalated)
      await this.#tell(tx, escalated, 'escalated', 'escalate', SYSTEM, { from: approval.roles, to: roles });
    return escalated ?? reminded ?? approval;
  }

  /** Holds one approval; what has run out of time is ended first, whether or not anybody came by. */
  async #held(
    projectId: string,
    id: string,
    version: number | undefined,
    work: (tx: Transaction, held: Held, at: Date) => Promise<Approval>,
  ): Promise<Approval> {
    const { database, clock } = this.#parts;
    const over = await database.transaction(
      async (tx) => {
        const held = await lockApproval(tx, projectId, id);
        if (!held) throw new SignalboxError('APPROVAL_NOT_FOUND', { id });
        const { approval } = held;
        const at = clock.now();
        if (approval.status === 'pending' && Date.parse(approval.expiresAt) <= at.getTime()) {
          const reason = 'nobody decided in time';
          await this.#end(tx, projectId, id, { status: 'expired', by: SYSTEM, at, reason }, 'expire');
          return null;
        }
        if (version !== undefined && version !== approval.version && approval.status === 'pending')
          throw new SignalboxError('OPTIMISTIC_LOCK', {
            noun: 'approval',
            id,
            expected: approval.version,
            received: version,
          });
        return work(tx, held, at);
      },
      { retries: 3 },
    );
    if (over) return over;
    // The end of its time has been written; whoever came now is told of it like of any other decision.
    return database.transaction(async (tx) => {
      const held = await lockApproval(tx, projectId, id);
      if (!held) throw new SignalboxError('APPROVAL_NOT_FOUND', { id });
      return work(tx, held, clock.now());
    });
  }

  async #end(
    tx: Transaction,
    projectId: string,
    id: string,
    decision: Parameters<typeof decideApproval>[3],
    verb: string,
  ): Promise<Approval> {
    const done = await decideApproval(tx, projectId, id, decision);
    if (!done) throw new SignalboxError('APPROVAL_DECIDED', { id, status: 'decided', by: 'somebody else' });
    const { status, reason, editedDigest } = done;
    await this.#tell(tx, done, 'decided', verb, decision.by, { status, reason, editedDigest });
    if (done.subject === 'task' && done.taskId !== null)
      await this.#parts.tasks
        .within(tx)
        .answerHeld(projectId, done.taskId, status === 'approved' ? 'queued' : 'cancelled');
    await this.#parts.settle?.(tx, done);
    return done;
  }

  #edited(approval: Approval, given: Approval['arguments']): { arguments: Approval['arguments']; digest: string } {
    const refused = (reason: string) => new SignalboxError('VALIDATION_FAILED', { field: 'arguments', reason });
    if (approval.subject !== 'tool_call') throw refused('only those of a tool call can be edited');
    if (approval.quorum > 1) throw refused('what several people must approve cannot be edited by one of them');
    const edited = storableJson(given) as Approval['arguments'];
    if (!isDeepStrictEqual(redact(edited), edited)) throw refused('they hold a secret, and would be stored');
    if (keepsMask(edited, approval.arguments))
      throw refused('what is hidden can be left as it is, or replaced as a whole, but not edited in part');
    return { arguments: edited, digest: this.digestOf({ ...approval, arguments: edited }) };
  }

  async #tell(
    tx: Transaction,
    { projectId, id, subject, sessionId, taskId, tool, digest, status, version }: Approval,
    change: Change,
    verb: string,
    actor: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    await recordAudit(
      tx,
      projectId,
      {
        actor,
        action: `approval.${verb}`,
        subjectType: 'approval',
        subjectId: id,
        versionAfter: version,
        details: { subject, sessionId, taskId, tool, digest, ...details },
      },
      this.#parts.ids,
    );
    await recordFeed(tx, projectId, 'approval', { approvalId: id, change, status, sessionId, taskId, version });
  }
}

type Held = NonNullable<Awaited<ReturnType<typeof lockApproval>>>;

function unknownSubject(subject: string, id: string | null): SignalboxError {
  return new SignalboxError('APPROVAL_SUBJECT_NOT_FOUND', { subject, id });
}

function refusal(
  objection: Objection,
  { id, status, decidedBy, roles, quorum }: Approval,
  by: Approver,
): SignalboxError {
  switch (objection) {
    case 'decided':
      return new SignalboxError('APPROVAL_DECIDED', { id, status, by: decidedBy });
    case 'role':
      return new SignalboxError('APPROVAL_ROLE', { id, role: by.role, needed: roles });
    case 'self':
      return new SignalboxError('APPROVAL_OWN', { id });
    case 'again':
      return new SignalboxError('APPROVAL_VOTED', { id, quorum });
  }
}

/** `bash: rm -rf build`, or the arguments where no single one says it. */
function summaryOf(what: string, shown: Approval['arguments']): string {
  const telling = [shown.command, shown.filePath, shown.file_path, shown.path, shown.url, shown.title].find(
    (value) => typeof value === 'string',
  );
  return `${what}: ${telling ?? JSON.stringify(shown)}`.slice(0, 2000);
}

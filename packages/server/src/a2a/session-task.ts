import { type Artifact, type Message, Role, type Task, TaskState, type TaskStatus } from '@a2a-js/sdk';
import { type Approval, type JournalEvent, SESSION_STATUSES, type Session, type SessionStatus } from '@signalbox/core';
import { z } from 'zod';

const spokenSchema = z.object({ role: z.literal('assistant'), text: z.string() });

/** What a task of the protocol is made of: the session, what its agent said, and who has to agree before it goes on. */
export interface SessionView {
  session: Session;
  /** Of the type `message`, first to last. */
  said: readonly JournalEvent[];
  /** Open ones of the session. */
  approvals: readonly Approval[];
}

/** Which context a session belongs to: the one of the message it came from, else its own. */
export function contextIdOf({ id, metadata }: Pick<Session, 'id' | 'metadata'>): string {
  const { a2a } = metadata;
  const contextId = typeof a2a === 'object' && a2a !== null && 'contextId' in a2a ? a2a.contextId : null;
  return typeof contextId === 'string' ? contextId : id;
}

/**
 * A session as a task of the protocol.
 * @param historyLength of the latest messages, null for all that are there
 */
export function taskOf(view: SessionView, historyLength: number | null): Task {
  const { session } = view;
  const history = [promptOf(session), ...messagesOf(view)];
  return {
    id: session.id,
    contextId: contextIdOf(session),
    status: statusOf(view),
    artifacts: artifactsOf(view),
    history: historyLength === null ? history : historyLength === 0 ? [] : history.slice(-historyLength),
    metadata: { signalbox: { title: session.title, status: session.status, attempt: session.attempt } },
  };
}

export function statusOf(view: SessionView): TaskStatus {
  const { session } = view;
  const state = stateOf(view);
  return {
    state,
    message: agentMessage(session, `${session.id}-${session.version}`, statusText(view, state)),
    timestamp: session.statusUpdatedAt,
  };
}

export function stateOf({
  session,
  approvals,
}: {
  session: Pick<Session, 'status'>;
  approvals: readonly unknown[];
}): TaskState {
  switch (session.status) {
    case 'pending':
    case 'queued':
      return TaskState.TASK_STATE_SUBMITTED;
    case 'running':
    case 'degraded':
      return TaskState.TASK_STATE_WORKING;
    case 'paused':
      // Whoever handed the work in cannot answer: people do, elsewhere.
      return approvals.length > 0 ? TaskState.TASK_STATE_AUTH_REQUIRED : TaskState.TASK_STATE_WORKING;
    case 'completed':
    case 'partially_completed':
      return TaskState.TASK_STATE_COMPLETED;
    case 'stopped':
    case 'cancelled':
      return TaskState.TASK_STATE_CANCELED;
    case 'failed':
    case 'timeout':
    case 'orphaned':
    case 'expired':
      return TaskState.TASK_STATE_FAILED;
  }
}

/** The statuses of sessions that are in a state. */
export function statusesIn(state: TaskState): SessionStatus[] {
  const approvals = state === TaskState.TASK_STATE_AUTH_REQUIRED ? [{}] : [];
  return SESSION_STATUSES.filter((status) => stateOf({ session: { status }, approvals }) === state);
}

/** Nothing more comes of it by itself. */
export function isOver(state: TaskState): boolean {
  return [TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED].includes(state);
}

/** Where a caller that waits gets its answer: at the end, or where people have to agree first. */
export function answersWaiting(state: TaskState): boolean {
  return isOver(state) || state === TaskState.TASK_STATE_AUTH_REQUIRED;
}

/** What the agent said last, once the session has completed. */
export function artifactsOf(view: SessionView): Artifact[] {
  const last = messagesOf(view).at(-1);
  if (!last || stateOf(view) !== TaskState.TASK_STATE_COMPLETED) return [];
  const artifactId = `${view.session.id}-answer`;
  return [{ artifactId, name: 'answer', description: '', parts: last.parts, metadata: undefined, extensions: [] }];
}

/** What the agent said, without what it only thought. */
export function messagesOf({ session, said }: Pick<SessionView, 'session' | 'said'>): Message[] {
  return said.flatMap(({ eventId, payload }) => {
    const spoken = spokenSchema.safeParse(payload);
    return spoken.success ? [agentMessage(session, eventId, spoken.data.text)] : [];
  });
}

function statusText({ session, approvals }: SessionView, state: TaskState): string {
  if (state === TaskState.TASK_STATE_AUTH_REQUIRED) {
    const [first] = approvals;
    return `Waits until somebody answers the approval ${first?.id}: ${first?.summary}`;
  }
  return `The session is ${session.status.replaceAll('_', ' ')}.`;
}

function promptOf(session: Session): Message {
  return message(session, `${session.id}-prompt`, Role.ROLE_USER, session.initialPrompt);
}

function agentMessage(session: Session, messageId: string, text: string): Message {
  return message(session, messageId, Role.ROLE_AGENT, text);
}

function message(session: Session, messageId: string, role: Role, text: string): Message {
  return {
    messageId,
    contextId: contextIdOf(session),
    taskId: session.id,
    role,
    parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

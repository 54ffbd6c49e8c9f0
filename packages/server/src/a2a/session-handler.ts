import type {
  AgentCard,
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
  ListTasksResponse,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
} from '@a2a-js/sdk';
import { TaskState } from '@a2a-js/sdk';
import {
  ExtendedAgentCardNotConfiguredError,
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import type { Core, Session, Workspace } from '@signalbox/core';
import type { Caller } from '../calls/caller.ts';
import { cancelSession } from '../contract/session-verbs.ts';
import { createSession, getSession, listSessions } from '../contract/sessions.ts';
import { listWorkspaces } from '../contract/workspaces.ts';
import { type HandedIn, sessionOfMessage } from './message-session.ts';
import { inTermsOfA2a } from './refusals.ts';
import { answersWaiting, contextIdOf, isOver, type SessionView, stateOf, statusesIn, taskOf } from './session-task.ts';
import { completed, followSession, viewOf } from './session-views.ts';
import { updatesOf } from './updates.ts';

export interface CallParts {
  caller: Caller;
  /** The sender and the project, in which a message id is the sender's own. */
  scope: readonly string[];
  card: AgentCard;
  subscribe(): ReturnType<Core['feed']['subscribe']>;
  /** Aborts when nobody waits any more. */
  gone: AbortSignal;
}

const PAGE_SIZE = 50;

/** One call of the protocol, answered from sessions: each is a task, and the text of a message the prompt of a new one. */
export class SessionHandler implements A2ARequestHandler {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  async getAgentCard(): Promise<AgentCard> {
    return this.#parts.card;
  }

  async sendMessage(request: SendMessageRequest): Promise<Task> {
    const { configuration } = request;
    const session = await this.#create(request);
    const length = configuration?.historyLength ?? null;
    if (configuration?.returnImmediately) return taskOf(await this.#look(session.id), length);
    let last: SessionView | null = null;
    for await (const view of this.#follow(session.id)) {
      last = view;
      if (answersWaiting(stateOf(view))) break;
    }
    return taskOf(last ?? (await this.#look(session.id)), length);
  }

  async *sendMessageStream(request: SendMessageRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const { id } = await this.#create(request);
    yield* this.#stream(id);
  }

  async *resubscribe({ id }: SubscribeToTaskRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const view = await this.#look(id);
    if (isOver(stateOf(view))) throw new UnsupportedOperationError(`The task ${id} is over; ask for it with GetTask.`);
    yield* this.#stream(id);
  }

  async getTask({ id, historyLength }: GetTaskRequest): Promise<Task> {
    return taskOf(await this.#look(id), historyLength ?? null);
  }

  async cancelTask({ id }: CancelTaskRequest): Promise<Task> {
    const view = await this.#look(id);
    if (isOver(stateOf(view))) throw new TaskNotCancelableError(`The task ${id} is ${view.session.status}.`);
    const { caller } = this.#parts;
    const session = await this.#run(async () => caller.run(cancelSession, { params: { id }, body: {} }));
    return taskOf(await this.#run(() => completed(caller, session as Session)), null);
  }

  async listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    const pageSize = request.pageSize || PAGE_SIZE;
    const { contextId, status, pageToken, statusTimestampAfter } = request;
    const of = contextId === '' ? {} : { contextId };
    const statuses = status === TaskState.TASK_STATE_UNSPECIFIED ? null : statusesIn(status);
    const query = {
      'metadata.json_contains': JSON.stringify({ a2a: of }),
      sortBy: 'statusUpdatedAt',
      sortOrder: 'desc',
      pageSize: String(pageSize),
      ...(statuses ? { 'status.in': statuses.join(',') } : {}),
      ...(pageToken === '' ? {} : { cursor: pageToken }),
      ...(statusTimestampAfter ? { 'statusUpdatedAt.gte': statusTimestampAfter } : {}),
    };
    const { caller } = this.#parts;
    const page = await this.#run(async () => {
      const found = (await caller.run(listSessions, { query })) as {
        items: Session[];
        total: number;
        nextCursor: string | null;
      };
      return { ...found, views: await Promise.all(found.items.map((session) => completed(caller, session))) };
    });
    const tasks = page.views
      .filter((view) => status === TaskState.TASK_STATE_UNSPECIFIED || stateOf(view) === status)
      .map((view) => {
        const task = taskOf(view, request.historyLength ?? 0);
        return request.includeArtifacts ? task : { ...task, artifacts: [] };
      });
    return { tasks, nextPageToken: page.nextCursor ?? '', pageSize, totalSize: page.total };
  }

  async getAuthenticatedExtendedAgentCard(): Promise<never> {
    throw new ExtendedAgentCardNotConfiguredError('There is one card, for everybody.');
  }
  createTaskPushNotificationConfig = noPush;
  getTaskPushNotificationConfig = noPush;
  listTaskPushNotificationConfigs = noPush;
  deleteTaskPushNotificationConfig = noPush;

  /** Makes the session of a message, or finds the one that was made when it was sent before. */
  async #create({ message }: SendMessageRequest): Promise<Session> {
    if (!message) throw new RequestMalformedError('The request holds no message.');
    if (message.taskId !== '') {
      await this.#look(message.taskId);
      throw new UnsupportedOperationError(
        'A session takes no further messages. Send a new one without a taskId, in the same context.',
      );
    }
    const { caller, scope } = this.#parts;
    const asked = sessionOfMessage(message, scope);
    return this.#run(async () => {
      const body = {
        ...asked,
        workspaceId: asked.workspaceId === undefined ? await this.#onlyWorkspace() : asked.workspaceId,
      };
      try {
        return (await caller.run(createSession, { body })) as Session;
      } catch (error) {
        if (caller.problemOf(error).code !== 'SESSION_EXISTS') throw error;
        return sentBefore((await caller.run(getSession, { params: { id: asked.id } })) as Session, asked);
      }
    });
  }

  async #onlyWorkspace(): Promise<string> {
    const page = (await this.#parts.caller.run(listWorkspaces, { query: { pageSize: '2' } })) as {
      items: Workspace[];
      total: number;
    };
    const [only] = page.items;
    if (only && page.total === 1) return only.id;
    throw new RequestMalformedError(
      `The project has ${page.total} workspaces: name one as metadata.signalbox.workspaceId of the message.`,
    );
  }

  async *#stream(id: string): AsyncGenerator<StreamResponse, void, undefined> {
    let before: SessionView | null = null;
    for await (const view of this.#follow(id)) {
      yield* updatesOf(before, view);
      before = view;
      if (isOver(stateOf(view))) return;
    }
  }

  async *#follow(id: string): AsyncGenerator<SessionView, void, undefined> {
    const { caller, gone } = this.#parts;
    const subscription = await this.#run(() => this.#parts.subscribe());
    const views = followSession(caller, subscription, id, gone);
    try {
      while (true) {
        const next = await this.#run(() => views.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await views.return();
    }
  }

  #look(id: string): Promise<SessionView> {
    return this.#run(() => viewOf(this.#parts.caller, id));
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    return inTermsOfA2a(this.#parts.caller, work);
  }
}

function sentBefore(session: Session, asked: HandedIn): Session {
  if (session.initialPrompt === asked.initialPrompt) return session;
  throw new RequestMalformedError(
    `This messageId was used for another text before (task ${session.id}, context ${contextIdOf(session)}).`,
  );
}

async function noPush(): Promise<never> {
  throw new PushNotificationNotSupportedError('Tasks are told of by streams, and by webhooks of the project.');
}

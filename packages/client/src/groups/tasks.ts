import {
  type ActionOptions,
  acting,
  answerOf,
  type CallOptions,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  Claim,
  ClaimTasks,
  DeadLetterFilter,
  DeadLetterResult,
  DecomposeTask,
  EnqueueTask,
  EtaAccuracy,
  FailTask,
  FailurePolicy,
  ListQuery,
  Page,
  Task,
  TaskAttempt,
  TaskDependency,
  TaskEta,
  TaskOutcome,
  TaskReceipt,
} from '../types.ts';

/** What an agent names a claim by in every later call. */
export interface HeldClaim {
  taskId: string;
  token: number;
}

/**
 * Units of queued work: putting them in, watching them, and for agents claiming and ending them. Calls on a claim throw
 * `ApiError` with the code `CLAIM_LOST` once it is somebody else's: stop working on it.
 */
export function taskMethods({ http }: Transport) {
  const at = (id: string) => ({ params: { path: { id } } });
  const ofTask = ({ taskId }: HeldClaim) => at(taskId);
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Task>> =>
      answerOf(http.GET('/api/v1/tasks', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Task> =>
      answerOf(http.GET('/api/v1/tasks/{id}', { ...at(id), ...options })),
    /** With an `idempotencyKey` it can be repeated safely. */
    enqueue: (task: EnqueueTask, options: CallOptions = {}): Promise<TaskReceipt> =>
      answerOf(http.POST('/api/v1/tasks', { body: task, ...options })),
    /** All of them or none; they may depend on each other by `ref`. */
    enqueueMany: async (tasks: EnqueueTask[], options: CallOptions = {}): Promise<TaskReceipt[]> =>
      (await answerOf(http.POST('/api/v1/tasks/batch', { body: { tasks }, ...options }))).items,
    attempts: (id: string, options: CallOptions = {}): Promise<Page<TaskAttempt>> =>
      answerOf(http.GET('/api/v1/tasks/{id}/attempts', { ...at(id), ...options })),
    /** What it was decomposed into, oldest first. */
    children: (id: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Task>> =>
      answerOf(http.GET('/api/v1/tasks/{id}/children', { params: { path: { id }, query }, ...options })),
    dependencies: (id: string, options: CallOptions = {}): Promise<Page<TaskDependency>> =>
      answerOf(http.GET('/api/v1/tasks/{id}/dependencies', { ...at(id), ...options })),
    addDependencies: (
      id: string,
      dependsOn: { taskId: string; onFailure?: FailurePolicy }[],
      options: CallOptions = {},
    ): Promise<Task> =>
      answerOf(http.POST('/api/v1/tasks/{id}/dependencies', { ...at(id), body: { dependsOn }, ...options })),
    /** When it will be done, as far as that was measured. */
    eta: (id: string, options: CallOptions = {}): Promise<TaskEta> =>
      answerOf(http.GET('/api/v1/tasks/{id}/eta', { params: { path: { id } }, ...options })),
    /** How good such answers were, by type of task. */
    etaAccuracy: (options: CallOptions = {}): Promise<Page<EtaAccuracy>> =>
      answerOf(http.GET('/api/v1/tasks/eta-accuracy', { ...options })),
    cancel: (id: string, options?: ActionOptions): Promise<Task> =>
      answerOf(http.POST('/api/v1/tasks/{id}/cancel', { ...at(id), ...acting(options) })),
    /** Gives a failed or dead task all its attempts again. */
    redrive: (id: string, options?: ActionOptions): Promise<Task> =>
      answerOf(http.POST('/api/v1/tasks/{id}/redrive', { ...at(id), ...acting(options) })),
    /** As {@link redrive} for all that the filter names, up to 10,000 in one call. */
    redriveAll: (filter: DeadLetterFilter, options: CallOptions = {}): Promise<DeadLetterResult> =>
      answerOf(http.POST('/api/v1/tasks/redrive', { body: filter, ...options })),
    /** Deletes a failed or dead task for good. */
    discard: (id: string, options?: ActionOptions): Promise<void> =>
      succeeded(http.POST('/api/v1/tasks/{id}/discard', { ...at(id), ...acting(options) })),
    discardAll: (filter: DeadLetterFilter, options: CallOptions = {}): Promise<DeadLetterResult> =>
      answerOf(http.POST('/api/v1/tasks/discard', { body: filter, ...options })),

    /** Waits up to `waitSeconds` for work; empty where none came. */
    claim: async (request: ClaimTasks, options: CallOptions = {}): Promise<Claim[]> =>
      (await answerOf(http.POST('/api/v1/tasks/claim', { body: request, ...options }))).items,
    /** Keeps claims; answers those that are lost. */
    heartbeat: async (claims: HeldClaim[], leaseSeconds = 30, options: CallOptions = {}): Promise<HeldClaim[]> => {
      const body = { claims: claims.map(({ taskId, token }) => ({ taskId, token })), leaseSeconds };
      return (await answerOf(http.POST('/api/v1/tasks/heartbeat', { body, ...options }))).lost;
    },
    begin: (claim: HeldClaim, options: CallOptions = {}): Promise<TaskOutcome> =>
      answerOf(http.POST('/api/v1/tasks/{id}/begin', { ...ofTask(claim), body: { token: claim.token }, ...options })),
    progress: (claim: HeldClaim, progress: unknown, options: CallOptions = {}): Promise<TaskOutcome> =>
      answerOf(
        http.POST('/api/v1/tasks/{id}/progress', {
          ...ofTask(claim),
          body: { token: claim.token, progress },
          ...options,
        }),
      ),
    complete: (claim: HeldClaim, result?: unknown, options: CallOptions = {}): Promise<TaskOutcome> =>
      answerOf(
        http.POST('/api/v1/tasks/{id}/complete', {
          ...ofTask(claim),
          body: { token: claim.token, ...(result === undefined ? {} : { result }) },
          ...options,
        }),
      ),
    /** Completes many at once; answers those whose claim was lost. */
    completeMany: async (
      claims: (HeldClaim & { result?: unknown })[],
      options: CallOptions = {},
    ): Promise<HeldClaim[]> => {
      const body = {
        claims: claims.map(({ taskId, token, result }) => ({
          taskId,
          token,
          ...(result === undefined ? {} : { result }),
        })),
      };
      return (await answerOf(http.POST('/api/v1/tasks/complete', { body, ...options }))).lost;
    },
    fail: (claim: HeldClaim, failure: Omit<FailTask, 'token'>, options: CallOptions = {}): Promise<TaskOutcome> =>
      answerOf(
        http.POST('/api/v1/tasks/{id}/fail', {
          ...ofTask(claim),
          body: { token: claim.token, ...failure },
          ...options,
        }),
      ),
    release: (claim: HeldClaim, options: CallOptions = {}): Promise<TaskOutcome> =>
      answerOf(http.POST('/api/v1/tasks/{id}/release', { ...ofTask(claim), body: { token: claim.token }, ...options })),
    /** Turns the task into children and waits for them; the claim ends. */
    decompose: async (
      claim: HeldClaim,
      children: EnqueueTask[],
      how: Pick<DecomposeTask, 'onFailure' | 'afterwards'> = {},
      options: CallOptions = {},
    ): Promise<TaskReceipt[]> =>
      (
        await answerOf(
          http.POST('/api/v1/tasks/{id}/decompose', {
            ...ofTask(claim),
            body: { token: claim.token, children, ...how },
            ...options,
          }),
        )
      ).items,
  };
}

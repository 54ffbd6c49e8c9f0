/**
 * What processes saw of a queue, and what its tables say in the end. Times are of the machine's monotonic clock, in milliseconds, and so
 * comparable between its processes.
 */
export interface QueueHistory {
  /** Every call that put work into the queue, by the name that its payload bears; a call that was repeated stands here more than once. */
  enqueues: readonly Enqueue[];
  effects: readonly Effect[];
  tasks: readonly { taskId: string; ref: string; status: string }[];
  attempts: readonly Attempt[];
  /** When processes were killed. */
  deaths: readonly Death[];
}

export interface Enqueue {
  ref: string;
  /** Refused: its caller was told that nothing was done. Unknown: that it may have been. */
  outcome: 'acknowledged' | 'refused' | 'unknown';
  taskId: string | null;
}

/** Something that a worker did about a task under a claim: it began its work, or was told that its completion is recorded. */
export interface Effect {
  kind: 'begun' | 'acknowledged';
  at: number;
  taskId: string;
  token: number;
  worker: string;
}

export interface Attempt {
  taskId: string;
  attempt: number;
  token: number;
  agent: string;
  outcome: string;
  /** When it was claimed, and when it ended. */
  from: number;
  to: number;
}

export interface Death {
  worker: string;
  at: number;
}

/**
 * What is wrong with a history in which every task was to be completed; nothing if
 *
 * - each acknowledged enqueue has its task, no refused one has, and no task is of nobody's making or made twice;
 * - each task is completed, once, and nothing was attempted after that;
 * - its attempts are numbered without gaps, their tokens only grow, and each work that began has its attempt;
 * - acknowledgements name the attempt that completed the task, and none came to a worker after another had begun.
 */
export function checkQueue(history: QueueHistory): string[] {
  const tasks = new Map(history.tasks.map((task) => [task.taskId, task]));
  const attempts = Map.groupBy(history.attempts, ({ taskId }) => taskId);
  const effects = Map.groupBy(history.effects, ({ taskId }) => taskId);
  const problems = [...checkEnqueues(history)];
  for (const { taskId, status } of history.tasks) {
    const rows = [...(attempts.get(taskId) ?? [])].sort((a, b) => a.attempt - b.attempt);
    if (status !== 'completed') problems.push(`${taskId} is ${status}`);
    problems.push(...checkAttempts(taskId, rows), ...checkEffects(taskId, rows, effects.get(taskId) ?? []));
  }
  for (const taskId of new Set([...attempts.keys(), ...effects.keys()]))
    if (!tasks.has(taskId)) problems.push(`${taskId} was worked on and is not there`);
  return problems;
}

function checkEnqueues({ enqueues, tasks }: QueueHistory): string[] {
  const problems: string[] = [];
  const made = Map.groupBy(tasks, ({ ref }) => ref);
  const calls = Map.groupBy(enqueues, ({ ref }) => ref);
  for (const [ref, rows] of made) {
    if (rows.length > 1) problems.push(`${ref} was made ${rows.length} times`);
    const outcomes = (calls.get(ref) ?? []).map(({ outcome }) => outcome);
    if (outcomes.length === 0) problems.push(`${ref} was made and never asked for`);
    else if (outcomes.every((outcome) => outcome === 'refused')) problems.push(`${ref} was refused and made`);
  }
  for (const { ref, outcome, taskId } of enqueues) {
    if (outcome !== 'acknowledged') continue;
    if (!made.get(ref)?.some((task) => task.taskId === taskId)) problems.push(`${ref} was acknowledged and is lost`);
  }
  return problems;
}

/** @param rows by attempt */
function checkAttempts(taskId: string, rows: readonly Attempt[]): string[] {
  const problems: string[] = [];
  const completed = rows.filter(({ outcome }) => outcome === 'completed');
  if (completed.length !== 1) problems.push(`${taskId} was completed ${completed.length} times`);
  for (const [index, row] of rows.entries()) {
    if (row.attempt !== index + 1) problems.push(`${taskId}: attempt ${index + 1} is missing`);
    const before = rows[index - 1];
    if (!before) continue;
    if (row.token <= before.token)
      problems.push(`${taskId}: attempt ${row.attempt} has token ${row.token} after ${before.token}`);
    if (before.outcome === 'completed') problems.push(`${taskId} was attempted after it was completed`);
  }
  return problems;
}

function checkEffects(taskId: string, rows: readonly Attempt[], effects: readonly Effect[]): string[] {
  const problems: string[] = [];
  const begun = effects.filter(({ kind }) => kind === 'begun');
  const acknowledged = effects.filter(({ kind }) => kind === 'acknowledged');
  for (const { token, worker } of begun) {
    if (!rows.some((row) => row.token === token && row.agent === worker))
      problems.push(`${taskId}: ${worker} worked with token ${token}, of which there is no attempt`);
  }
  const completed = rows.find(({ outcome }) => outcome === 'completed');
  if (acknowledged.length > 1) problems.push(`${taskId}: ${acknowledged.length} completions were acknowledged`);
  for (const { token, worker, at } of acknowledged) {
    if (completed?.token !== token || completed.agent !== worker)
      problems.push(`${taskId}: ${worker} was told that it completed it with ${token}; the record says otherwise`);
    for (const later of begun.filter((one) => one.token > token))
      problems.push(
        later.at <= at
          ? `${taskId}: ${worker} completed it with ${token} when ${later.worker} had begun with ${later.token}`
          : `${taskId}: ${later.worker} began with ${later.token} what ${worker} had completed with ${token}`,
      );
  }
  return problems;
}

/** What became of the claims that a worker had in hand when it was killed. */
export interface Recovery {
  worker: string;
  /** When the worker was killed. */
  at: number;
  tasks: Taken[];
}

/** A task that was taken from a dead worker. */
export interface Taken {
  /** Milliseconds from the death until it was taken away, until another claimed it, and until one began it. Infinite where nobody has since. */
  lost: number;
  claimed: number;
  delay: number;
  /** Who began it then. */
  by: string | null;
  /** Whoever claimed it next lost it too before beginning it: the delay is of two faults, or more. */
  struckAgain: boolean;
}

/** For each death, what became of the claims that the dead worker had in hand; the soonest begun first. */
export function recoveries({ deaths, attempts, effects }: QueueHistory): Recovery[] {
  const lost = Map.groupBy(
    attempts.filter(({ outcome }) => outcome === 'lost'),
    ({ agent }) => agent,
  );
  const known = new Map(attempts.map((attempt) => [`${attempt.taskId} ${attempt.attempt}`, attempt]));
  const begun = Map.groupBy(
    effects.filter(({ kind }) => kind === 'begun'),
    ({ taskId }) => taskId,
  );
  return deaths.map(({ worker, at }) => {
    const tasks: Taken[] = [];
    for (const { taskId, attempt, token, to } of lost.get(worker) ?? []) {
      const again = (begun.get(taskId) ?? []).filter((effect) => effect.token > token).sort((a, b) => a.at - b.at)[0];
      // What others had begun by then, it had lost while it lived.
      if (again && again.at <= at) continue;
      const next = known.get(`${taskId} ${attempt + 1}`);
      tasks.push({
        lost: to - at,
        claimed: next ? next.from - at : Number.POSITIVE_INFINITY,
        delay: again ? again.at - at : Number.POSITIVE_INFINITY,
        by: again?.worker ?? null,
        struckAgain: again !== undefined && again.token !== next?.token,
      });
    }
    return { worker, at, tasks: tasks.sort((a, b) => a.delay - b.delay) };
  });
}

/** A time, from its beginning to its end. */
export interface Span {
  from: number;
  to: number;
}

/** What keeps tasks from running again that is no fault of the queue's. */
export interface Disturbances {
  /** The database was away. */
  outages: readonly Span[];
  /** Workers were stopped or cut off; it concerns what they have begun next. */
  faults: readonly (Span & { worker: string })[];
  /** The machine itself stood still. */
  stalls: readonly Span[];
}

/**
 * Those tasks of the dead that no other fault came upon before they were due, the time taken off for which the machine stood still. A fault
 * that comes when a task is late already excuses nothing.
 */
export function undisturbed(
  { at, tasks }: Recovery,
  { outages, faults, stalls }: Disturbances,
  dueMs: number,
): Taken[] {
  const stoodBy = (ms: number) => stalls.reduce((sum, stall) => sum + overlap(stall, { from: at, to: at + ms }), 0);
  return tasks.flatMap((task) => {
    const { lost, claimed, delay, by, struckAgain } = task;
    const window = { from: at, to: at + Math.min(delay, dueMs + stoodBy(delay)) };
    const disturbed = [...outages, ...faults.filter(({ worker }) => worker === by)];
    if (struckAgain || disturbed.some((span) => overlap(span, window) > 0)) return [];
    const without = (ms: number) => ms - stoodBy(ms);
    return [{ ...task, lost: without(lost), claimed: without(claimed), delay: without(delay) }];
  });
}

function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

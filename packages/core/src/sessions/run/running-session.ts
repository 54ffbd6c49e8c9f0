import { setFence } from '../../journal/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { redactor } from '../../platform/redaction/index.ts';
import type { Claim } from '../../tasks/index.ts';
import type { Workspace } from '../../workspaces/index.ts';
import type { RunSpec, Runtime } from '../runtime.ts';
import type { Session } from '../session.ts';
import { isActive, type SessionStatus } from '../session-status.ts';
import { usageOf } from '../session-usage.ts';
import { BudgetWatch } from './budget-watch.ts';
import { CallGate } from './call-gate.ts';
import { ChangeRecorder } from './change-recorder.ts';
import { PathGuard } from './path-guard.ts';
import { placeOfRun, settlePlace } from './place-of-run.ts';
import { forkOf, type ResumedRun, resumedRun } from './resumed-run.ts';
import { keepRuntimeSession, recordEnding, recordStopped } from './run-ending.ts';
import { SessionRunHost } from './run-host.ts';
import { isPassing, RunJournal } from './run-journal.ts';
import { readStatuses } from './run-status-store.ts';
import { deltaTopic, type RunnerParts, type RunnerSettings } from './runner-parts.ts';
import { type RunEnd, type RunReport, SessionRun } from './session-run.ts';

/** What a continued agent is told: it has its history, and stopped somewhere in the middle. */
const CONTINUE_PROMPT =
  'Your work on this task was interrupted. Look at what is done already, then go on with the task and finish it.';
/** What an agent is told that goes on from a checkpoint: files and conversation are as they were then. */
const RESUME_PROMPT =
  'Your work on this task was set back to an earlier point: the files you changed since are as they were then. Look at what is done already, then go on with the task and finish it.';
/** Wait between tries to write down an ending while the database is away, in milliseconds. */
const RETRY_MS = 500;

/** One claimed run on this node, from the claim to the recorded end. */
export class RunningSession {
  readonly claim: Claim;
  readonly sessionId: string;
  readonly #parts: RunnerParts;
  readonly #settings: RunnerSettings;
  readonly #gaveUp = new AbortController();
  /** Aborted once the run is to end, for whatever reason: nothing is waited for any more. */
  readonly #ending = new AbortController();
  #renewedAt: number;
  #run: SessionRun | null = null;
  #budget: BudgetWatch | null = null;
  #session: Session | null = null;
  #early: Exclude<RunEnd, 'finished'> | null = null;
  /** Calls that wait for people, and what follows from that, one after the other. */
  #waiting = 0;
  #holding: Promise<void> = Promise.resolve();

  constructor(parts: RunnerParts, settings: RunnerSettings, claim: Claim, claimedAt: number) {
    if (claim.sessionId === null) throw new SignalboxError('TASK_NOT_FOUND', { id: claim.taskId });
    this.claim = claim;
    this.sessionId = claim.sessionId;
    this.#parts = parts;
    this.#settings = settings;
    this.#renewedAt = claimedAt;
  }

  /** Whether the session has become running under this claim. */
  get begun(): boolean {
    return this.#session !== null;
  }

  /** Whether it waits for people: for an answer, or for a budget that suffices. */
  get held(): boolean {
    return (this.#run?.held ?? false) || (this.#budget?.stands ?? false);
  }

  get attempt(): number {
    return this.#session?.attempt ?? 0;
  }

  /** The claim was renewed by a heartbeat sent at this monotonic time. */
  renewed(at: number): void {
    this.#renewedAt = at;
  }

  /** Whether, by this side's own clock, the lease can no longer be trusted. */
  leaseOver(at: number): boolean {
    return at - this.#renewedAt >= this.#settings.leaseSeconds * 1000;
  }

  /** Follows the session's status: pauses and resumes with it, ends where somebody decided so. */
  follow(status: SessionStatus): void {
    if (isActive(status)) this.#run?.follow(status);
    else this.end(status === 'orphaned' ? 'lost' : 'decided');
  }

  end(why: Exclude<RunEnd, 'finished'>): void {
    this.#early ??= why;
    if (why === 'lost') this.#gaveUp.abort();
    this.#ending.abort();
    this.#run?.end(why);
  }

  /** Runs to the end and writes it down. Never rejects; what cannot be written is logged and left to the reaper. */
  async execute(): Promise<void> {
    const logger = this.#parts.logger.child({ sessionId: this.sessionId, taskId: this.claim.taskId });
    try {
      const session = await this.#begin();
      this.#session = session;
      const report = await this.#execute(session);
      await this.#record(session, report);
      await settlePlace(this.#parts, session);
    } catch (error) {
      if (SignalboxError.is(error, 'CLAIM_LOST')) logger.warn('the run was taken away; its end is not recorded');
      else logger.error({ err: error }, 'the run failed outside of its runtime');
    }
  }

  /** Session running, task running and the journal fenced to this claim: all or nothing. */
  async #begin(): Promise<Session> {
    const { database, tasks } = this.#parts;
    const { projectId, token, agent } = this.claim;
    return database.transaction(
      async (tx) => {
        await tasks.within(tx).begin(this.claim);
        const session = await this.#parts.sessions.within(tx).begin(projectId, this.sessionId, agent);
        await setFence(tx, projectId, this.sessionId, token);
        return session;
      },
      { retries: 3 },
    );
  }

  async #execute(session: Session): Promise<RunReport> {
    const { clock, ids, journal: sessionsJournal, captures, workspaceChanges, runtimes, bus, logger } = this.#parts;
    let workspace: Workspace;
    let runtime: Runtime;
    let resumed: ResumedRun | null;
    try {
      workspace = await placeOfRun(this.#parts, this.claim, session);
      runtime = findRuntime(runtimes, session.runtime);
      resumed = await resumedRun(this.#parts, this.claim, session);
      if (resumed) forkOf(session, resumed);
    } catch (error) {
      return notRun(error);
    }
    const journal = new RunJournal({
      journal: sessionsJournal,
      clock,
      ids,
      claim: this.claim,
      sessionId: session.id,
      attempt: session.attempt,
      gaveUp: this.#gaveUp.signal,
      released: () => this.#early === 'decided',
      onRefused: () => this.#wasDecided(),
    });
    const actor = session.runtime ?? this.claim.agent;
    const changes = new ChangeRecorder({
      chain: captures.chain(workspace),
      repository: captures.of(workspace),
      changes: workspaceChanges,
      clock,
      session,
      workspaceId: workspace.id,
      actor,
      silent: session.runtime === 'command',
      sink: (found) => host.recordChanges(found),
    });
    const paths = new PathGuard({
      claims: this.#parts.pathClaims,
      conflicts: this.#parts.conflicts,
      clock,
      ids,
      session,
      claim: this.claim,
      workspace,
      say: (phase, detail) => host.emit({ type: 'status', phase, detail }),
      ended: this.#ending.signal,
    });
    const budget = new BudgetWatch({
      sessions: this.#parts.sessions,
      budgets: this.#parts.budgets,
      clock,
      claim: this.claim,
      sessionId: session.id,
      say: (event) => host.emit(event),
      follow: (status) => this.follow(status),
      onError: (error) => logger.error({ err: error, sessionId: session.id }, 'minding the budgets failed'),
      ended: this.#ending.signal,
    });
    this.#budget = budget;
    const gate = new CallGate({
      policies: this.#parts.policies,
      approvals: this.#parts.approvals,
      clock,
      session,
      asking: this.claim,
      workspacePath: workspace.path,
      holdMs: this.#settings.holdSeconds * 1000,
      spent: () => this.#parts.budgets.spentBy(session.projectId, session.id),
      say: (event) => host.emit(event),
      run: {
        hold: () => this.#holds(1),
        release: () => this.#holds(-1),
        park: () => this.end('parked'),
      },
      ended: this.#ending.signal,
    });
    const host: SessionRunHost = new SessionRunHost({
      journal,
      clock,
      actor,
      changes,
      gate,
      paths,
      earlier: resumed?.calls ?? null,
      permissions: this.#settings.permissions,
      workspacePath: workspace.path,
      onUsage: (usage) => budget.spend(usageOf(usage)),
      budget,
      onDelta: (delta) => bus.publish(deltaTopic(session.id), { sessionId: session.id, ...delta }),
    });
    try {
      if (!(await budget.suffices())) throw new Error('It was ended while its budget was used up.');
      await paths.begin();
    } catch (error) {
      return notRun(error, this.#early);
    }
    const run = new SessionRun({
      clock,
      logger: logger.child({ sessionId: session.id }),
      runtime,
      spec: this.#spec(session, workspace, resumed),
      host,
      changes,
      limitSeconds: session.limits.maxDurationSeconds,
      onRuntimeSession: async (ref) => {
        await this.#parts.database.transaction((tx) =>
          keepRuntimeSession(this.#parts, tx, this.claim, session.id, ref),
        );
      },
    });
    this.#run = run;
    if (this.#early) run.end(this.#early);
    void budget.watch();
    try {
      return await run.execute();
    } finally {
      await budget.end();
    }
  }

  #spec(session: Session, workspace: Workspace, resumed: ResumedRun | null): RunSpec {
    const { default_agent: _never, ...agentConfig } = session.agentConfig;
    // Without a message it goes on at the end of the conversation; with one it would be forked behind it.
    const continued =
      session.attempt > 1 && session.runtimeSession ? { ...session.runtimeSession, messageId: null } : null;
    const resumeFrom = resumed ? forkOf(session, resumed) : continued;
    const checkpoint: Record<string, string> = resumed
      ? { SIGNALBOX_CHECKPOINT: String(resumed.checkpoint.sequence) }
      : {};
    const environment = this.#settings.environment();
    redactor.registerEnvironment(environment);
    return {
      projectId: session.projectId,
      sessionId: session.id,
      attempt: session.attempt,
      workspacePath: workspace.path,
      prompt: [
        resumeFrom ? (resumed ? RESUME_PROMPT : CONTINUE_PROMPT) : session.initialPrompt,
        ...answerIn(this.claim),
      ].join('\n\n'),
      command: session.command,
      model: session.modelConfig,
      agentConfig,
      environment: { ...environment, ...checkpoint },
      limits: { cpuCores: session.limits.cpuLimit, memoryMb: session.limits.memoryLimitMb },
      resumeFrom,
    };
  }

  /** Writes the end down, waiting for the database as long as the claim may still be ours. */
  async #record(session: Session, report: RunReport): Promise<void> {
    const { cpuSeconds, peakMemoryMb } = report.usage;
    if (report.end === 'lost') throw new SignalboxError('CLAIM_LOST', { id: this.claim.taskId });
    for (;;) {
      try {
        const measured = {
          ...(cpuSeconds !== null && { cpuSeconds }),
          ...(peakMemoryMb !== null && { peakMemoryMb }),
        };
        await this.#parts.sessions.addUsage(this.claim.projectId, this.sessionId, measured, this.claim.agent);
        await (report.end === 'decided'
          ? recordStopped(this.#parts, this.claim, session, report)
          : recordEnding(this.#parts, this.claim, session, report));
        return;
      } catch (error) {
        const passing = SignalboxError.is(error, 'DATABASE_UNAVAILABLE') || SignalboxError.is(error, 'OUTCOME_UNKNOWN');
        if (!passing || this.#gaveUp.signal.aborted) throw error;
        await this.#parts.clock.sleep(RETRY_MS, this.#gaveUp.signal);
      }
    }
  }

  #holds(by: 1 | -1): Promise<void> {
    this.#waiting += by;
    const done = this.#holding.then(() => this.#follows());
    this.#holding = done.catch(() => undefined);
    return done;
  }

  /** Pauses the session while any of its calls waits for people. */
  async #follows(): Promise<void> {
    const run = this.#run;
    const waits = this.#waiting > 0;
    // Of a run that ends, the session's status is for others to say.
    if (!run || waits === run.held || this.#early !== null) return;
    if (waits) run.hold();
    const status = await this.#change(waits ? 'hold' : 'letGo');
    if (waits) return;
    run.release();
    // Somebody may have paused it as well; then it stands still before its agent acts upon the answer.
    if (status !== null) run.follow(status);
  }

  /** Answers the status after it; null where somebody else has changed it meanwhile: that stands. */
  async #change(verb: 'hold' | 'letGo'): Promise<SessionStatus | null> {
    for (;;) {
      try {
        return await this.#parts.sessions[verb](this.claim.projectId, this.sessionId, this.claim.agent);
      } catch (error) {
        if (SignalboxError.is(error, 'INVALID_TRANSITION')) return null;
        if (!isPassing(error) || this.#ending.signal.aborted) throw error;
        await this.#parts.clock.sleep(RETRY_MS, this.#ending.signal);
      }
    }
  }

  /** Whether the claim is gone because somebody ended the session, and not because it ran out. */
  async #wasDecided(): Promise<boolean> {
    const now = (await readStatuses(this.#parts.database, [this.sessionId])).get(this.sessionId);
    const decided = now?.attempt === this.attempt && !isActive(now.status) && now.status !== 'orphaned';
    if (decided) this.end('decided');
    return decided;
  }
}

function findRuntime(runtimes: readonly Runtime[], name: Session['runtime']): Runtime {
  const runtime = runtimes.find((one) => one.name === name);
  if (runtime) return runtime;
  throw new SignalboxError('RUNTIME_UNKNOWN', { runtime: name, known: runtimes.map((one) => one.name) });
}

/** What people answered while nothing ran. */
function answerIn({ payload }: Claim): string[] {
  const { answer } = payload;
  return typeof answer === 'string' ? [answer] : [];
}

/** The report of a run that never came to its runtime; `early` where somebody had ended it before. */
function notRun(error: unknown, early: RunEnd | null = null): RunReport {
  const name = SignalboxError.is(error) ? error.code : 'RUNTIME_FAILED';
  const message = error instanceof Error ? error.message : String(error);
  // A path that is not free now may be so later.
  const retryable = SignalboxError.is(error) && error.code.startsWith('PATH_CLAIM');
  return {
    end: early ?? 'finished',
    outcome: { status: 'failed', exitCode: null, signal: null, error: { name, message, retryable }, result: {} },
    treeId: null,
    runtimeSession: null,
    usage: { cpuSeconds: null, peakMemoryMb: null, executedSeconds: 0 },
  };
}

import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Budget, Budgets } from '../../policies/index.ts';
import type { Claim } from '../../tasks/index.ts';
import type { RuntimeEvent } from '../runtime.ts';
import type { AddUsage } from '../session-metrics.ts';
import type { Sessions } from '../sessions.ts';
import { persistently } from './persistently.ts';

/** How often a run's time is booked, in milliseconds. */
const BOOK_MS = 10_000;
/** How often a session that stands still looks whether its budgets suffice, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * Books what a run uses, and lets it stand still while a budget is used up.
 *
 * A run *goes on* or *stands still*. It begins to stand still when what is booked uses a budget up, and before its start or
 * a tool call when one is; then its session is paused, by `budget:<name>`, whoever resumes it. It leaves that once: when
 * the budgets suffice, or the program came to its end before it was frozen (the session runs again, unless somebody else
 * had paused it), or the run was ended. Nothing of that is stored: whoever runs the session after a crash finds the budget
 * used up before its start.
 */
export class BudgetWatch {
  readonly #sessions: Pick<Sessions, 'addUsage' | 'pause' | 'resume'>;
  readonly #budgets: Pick<Budgets, 'usedUp'>;
  readonly #clock: Clock;
  readonly #claim: Claim;
  readonly #sessionId: string;
  readonly #say: (event: RuntimeEvent) => Promise<void>;
  readonly #follow: (status: 'paused' | 'running') => void;
  readonly #onError: (error: unknown) => void;
  readonly #ended: AbortSignal;
  readonly #over = new AbortController();
  readonly #counted = new Set<string>();
  #standing: Promise<void> | null = null;

  constructor(options: {
    sessions: Pick<Sessions, 'addUsage' | 'pause' | 'resume'>;
    budgets: Pick<Budgets, 'usedUp'>;
    clock: Clock;
    claim: Claim;
    sessionId: string;
    /** Records what happens. */
    say: (event: RuntimeEvent) => Promise<void>;
    /** The session's status was changed: its processes follow at once. */
    follow: (status: 'paused' | 'running') => void;
    /** Told of what went wrong while it stood still and nobody waited. */
    onError: (error: unknown) => void;
    /** Aborted when the run is to end: nothing is waited for any more. */
    ended: AbortSignal;
  }) {
    this.#sessions = options.sessions;
    this.#budgets = options.budgets;
    this.#clock = options.clock;
    this.#claim = options.claim;
    this.#sessionId = options.sessionId;
    this.#say = options.say;
    this.#follow = options.follow;
    this.#onError = options.onError;
    this.#ended = options.ended;
  }

  /** Whether the run stands still. */
  get stands(): boolean {
    return this.#standing !== null;
  }

  /** Books what was used, and does not wait: where that uses a budget up, the run is made to stand still. */
  async spend(usage: AddUsage): Promise<void> {
    const usedUp = await this.#sessions.addUsage(this.#claim.projectId, this.#sessionId, usage, this.#claim.agent);
    if (usedUp && !this.#isOver()) this.#stand(usedUp).catch(this.#onError);
  }

  /** Counts a tool call, once, whether it is heard of first by its event or by the hook that waits. */
  async count(callId: string): Promise<void> {
    if (this.#counted.has(callId)) return;
    this.#counted.add(callId);
    await this.spend({ toolCalls: 1 });
  }

  /** Before the start, or a call that is counted: waits until the budgets suffice. False where the run ends first. */
  async suffices(): Promise<boolean> {
    for (;;) {
      const usedUp = await this.#usedUp();
      if (this.#isOver()) return false;
      if (!usedUp) return true;
      await this.#stand(usedUp);
    }
  }

  /** Books the time that passes, until the run is over. */
  async watch(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(BOOK_MS, this.#over.signal);
      if (this.#over.signal.aborted) return;
      if (this.stands) continue;
      try {
        await this.spend({});
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Nothing is left of the run: it stands still no more, so that its end can be told of a session that runs. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#standing?.catch(() => undefined);
  }

  #isOver(): boolean {
    return this.#ended.aborted || this.#over.signal.aborted;
  }

  #stand(usedUp: Budget): Promise<void> {
    this.#standing ??= this.#standStill(usedUp).finally(() => {
      this.#standing = null;
    });
    return this.#standing;
  }

  async #standStill(first: Budget): Promise<void> {
    const { id, name, limits, spent } = first;
    const actor = `budget:${name}`;
    // Before anything is recorded: what is not frozen goes on spending.
    let paused = await this.#change('pause', actor);
    await this.#say({ type: 'status', phase: 'budget_used_up', detail: { budgetId: id, name, limits, spent } });
    const over = AbortSignal.any([this.#ended, this.#over.signal]);
    while (!this.#isOver()) {
      await this.#clock.sleep(LOOK_MS, over);
      if (this.#isOver() || !(await this.#usedUp())) break;
      if (await this.#change('pause', actor)) paused = true;
    }
    if (paused && !this.#ended.aborted) await this.#change('resume', actor);
  }

  /** False where the session's status was another than it was to be changed from. */
  async #change(verb: 'pause' | 'resume', actor: string): Promise<boolean> {
    try {
      await this.#persist(() => this.#sessions[verb](this.#claim.projectId, this.#sessionId, actor));
    } catch (error) {
      if (SignalboxError.is(error, 'INVALID_TRANSITION') || this.#ended.aborted) return false;
      throw error;
    }
    this.#follow(verb === 'pause' ? 'paused' : 'running');
    return true;
  }

  #usedUp(): Promise<Budget | null> {
    const { projectId, agent } = this.#claim;
    return this.#persist(() => this.#budgets.usedUp(projectId, this.#sessionId, agent));
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persistently(this.#clock, this.#ended, work);
  }
}

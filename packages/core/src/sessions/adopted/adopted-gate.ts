import type { Approvals } from '../../approvals/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Budgets, Policies } from '../../policies/index.ts';
import { CallGate } from '../run/call-gate.ts';
import type { RuntimeEvent, ToolCall } from '../runtime.ts';
import type { JsonObject } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import type { AdoptedAnswer, AdoptedReport } from './adopted-event.ts';
import type { AdoptedTurns, Turn } from './adopted-turns.ts';

/** What is answered about a call. */
export type CallAnswer = Pick<AdoptedAnswer, 'decision' | 'reason' | 'arguments' | 'approvalId'>;

export const NOTHING_AGAINST: CallAnswer = { decision: 'none', reason: null, arguments: null, approvalId: null };
/** How often a call looks whether its session was let go on, in milliseconds. */
const LOOK_MS = 250;

interface Parts {
  clock: Clock;
  policies: Pick<Policies, 'decide'>;
  budgets: Pick<Budgets, 'spentBy' | 'usedUp'>;
  approvals: Pick<Approvals, 'digestOf' | 'request' | 'use' | 'waitFor'>;
  sessions: Sessions;
  turns: AdoptedTurns;
}

/**
 * Puts policies, and where they say so people, before a call of an agent that runs elsewhere. Whoever asks waits in short
 * turns, since connections break: *held* means ask again with the same event, and the last turn ends in a refusal that tells
 * the agent to make the same call again. Its approval stays open meanwhile, and is used up by that call.
 */
export class AdoptedGate {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async before(
    { session }: Turn,
    call: ToolCall,
    report: Pick<AdoptedReport, 'source' | 'waitSeconds' | 'final'>,
    context: {
      workspacePath: string;
      actor: string;
      say: (event: RuntimeEvent) => Promise<void>;
      /** Aborted when whoever asked has hung up. */
      gone: AbortSignal;
    },
  ): Promise<CallAnswer> {
    const { clock, policies, budgets, approvals, turns } = this.#parts;
    const { projectId, id } = session;
    const { actor, gone, say } = context;
    const until = clock.monotonic() + report.waitSeconds * 1000;
    if (!(await this.#goesOn(projectId, id, until, gone))) {
      const reason = 'The session was paused. Make exactly this call again once it may go on.';
      return { ...NOTHING_AGAINST, decision: report.final ? 'deny' : 'held', reason };
    }
    const budget = await budgets.usedUp(projectId, id, actor);
    if (budget !== null) {
      const reason = `Refused: the budget ${budget.name} is used up. Stop, and tell your person; it can be raised.`;
      return { ...NOTHING_AGAINST, decision: 'deny', reason };
    }
    let approvedBy: string | null = null;
    let undecided: string | null = null;
    const gate = new CallGate({
      policies,
      approvals,
      clock,
      session: { ...session, runtime: report.source },
      asking: { agent: actor, type: null },
      workspacePath: context.workspacePath,
      holdMs: Math.max(0, until - clock.monotonic()),
      spent: () => budgets.spentBy(projectId, id),
      say: async (event) => {
        if (event.type === 'permission' && event.decision === 'allow') approvedBy = event.decidedBy;
        await say(event);
      },
      run: {
        hold: () => turns.hold(projectId, id, call.callId, actor),
        release: () => turns.release(projectId, id, [call.callId], actor),
        // It waits on in the next turn.
        park: () => undefined,
      },
      ended: gone,
      undecided: (approvalId) => {
        undecided = approvalId;
        return `Held for people: approval ${approvalId} is pending. Retry this exact call, with the same arguments, once it is approved; until then do other work.`;
      },
    });
    const decided = await gate.before(call);
    if (decided.decision === 'deny') {
      const held = undecided !== null && !report.final;
      if (undecided !== null && report.final) await turns.release(projectId, id, [call.callId], actor);
      const { reason } = decided;
      return { decision: held ? 'held' : 'deny', reason, arguments: null, approvalId: undecided };
    }
    if (approvedBy === null) return NOTHING_AGAINST;
    const edited = decided.arguments === undefined ? null : ({ ...decided.arguments } as JsonObject);
    return { decision: 'allow', reason: `Approved by ${approvedBy}.`, arguments: edited, approvalId: null };
  }

  /** Waits while somebody has paused the session; that calls of it wait for people is no such pause. */
  async #goesOn(projectId: string, id: string, until: number, gone: AbortSignal): Promise<boolean> {
    const { clock, sessions, turns } = this.#parts;
    for (;;) {
      const status = (await sessions.get(projectId, id))?.status;
      if (status !== 'paused' || (await turns.waits(projectId, id))) return true;
      if (gone.aborted || clock.monotonic() >= until) return false;
      await clock.sleep(LOOK_MS, gone);
    }
  }
}

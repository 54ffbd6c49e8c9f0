import { type Approval, type Approvals, editedArguments, type RequestApproval } from '../../approvals/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import { redact } from '../../platform/redaction/index.ts';
import type { Policies, PolicyDecision, Spending } from '../../policies/index.ts';
import type { PermissionRequest, RuntimeEvent, ToolCall, ToolDecision } from '../runtime.ts';
import type { Session } from '../session.ts';
import { persistently } from './persistently.ts';

/** What exactly people are asked about. */
interface ExactCall {
  subject: 'tool_call';
  sessionId: string;
  taskId: null;
  tool: string;
  workingDirectory: string;
  arguments: Approval['arguments'];
}

/** For whom calls are asked about: by what name, and for what kind of task; null where there is none. */
export interface Asking {
  agent: string;
  type: string | null;
}

/** How a held call acts on its run; see {@link CallGate}. */
export interface HoldingRun {
  /** A call begins to wait for people: the run's clock stops, and its slot is free. */
  hold(): Promise<void>;
  /** It was answered: the clock goes on. */
  release(): Promise<void>;
  /** Nobody answered as long as the process may wait: it is ended, and the session goes on once somebody has. */
  park(): void;
}

/**
 * Puts policies, and where they say so people, before a tool call.
 *
 * A call is *allowed*, *denied*, or *held*. A held call has an approval that is pending; it waits in the hook that the
 * agent awaits, so the process goes on and only this call stands still. It leaves that state once: answered (the agent is
 * told how), ended (its run ends, for whatever reason: refused, and the approval goes on waiting for whoever asks the same
 * again), or parked (nobody answered within the time that a process may wait: the run ends as one that can be resumed). An
 * approval is used up by the one call that it lets pass; the same call is asked about anew the next time, and a call with
 * other arguments has another digest and so another approval.
 */
export class CallGate {
  readonly #policies: Pick<Policies, 'decide'>;
  readonly #approvals: Pick<Approvals, 'digestOf' | 'request' | 'use' | 'waitFor'>;
  readonly #clock: Clock;
  readonly #session: Session;
  readonly #asking: Asking;
  readonly #workspacePath: string;
  readonly #holdMs: number;
  readonly #spent: () => Promise<Spending>;
  readonly #say: (event: RuntimeEvent) => Promise<void>;
  readonly #run: HoldingRun;
  readonly #ended: AbortSignal;
  readonly #undecided: (id: string) => string;
  /** Calls that people have let pass, by their ids. */
  readonly #letPass = new Set<string>();

  constructor(options: {
    policies: Pick<Policies, 'decide'>;
    approvals: Pick<Approvals, 'digestOf' | 'request' | 'use' | 'waitFor'>;
    clock: Clock;
    session: Session;
    asking: Asking;
    workspacePath: string;
    /** How long a process waits for people at most, in milliseconds. */
    holdMs: number;
    /** What the session and those below it have spent until now. */
    spent: () => Promise<Spending>;
    /** Records what happens. */
    say: (event: RuntimeEvent) => Promise<void>;
    run: HoldingRun;
    /** Aborted when the run is to end: nothing is waited for any more. */
    ended: AbortSignal;
    /** What an agent is told whose call nobody has decided on, by the id of the approval. */
    undecided?: (id: string) => string;
  }) {
    this.#policies = options.policies;
    this.#approvals = options.approvals;
    this.#clock = options.clock;
    this.#session = options.session;
    this.#asking = options.asking;
    this.#workspacePath = options.workspacePath;
    this.#holdMs = options.holdMs;
    this.#spent = options.spent;
    this.#say = options.say;
    this.#run = options.run;
    this.#ended = options.ended;
    this.#undecided =
      options.undecided ?? ((id) => `Not decided yet: approval ${id} is pending, and the run is being ended.`);
  }

  /** Decides about a tool call; it waits until this resolves. @throws CLAIM_LOST */
  async before(call: ToolCall): Promise<ToolDecision> {
    // Some models count their calls from 0 on anew: the same id is another call then.
    this.#letPass.delete(call.callId);
    const decision = await this.#decide(call);
    const { callId, tool } = call;
    for (const rule of decision.warnings)
      await this.#say({ type: 'status', phase: 'policy_warning', detail: { callId, tool, rule: { ...rule } } });
    if (decision.effect === 'allow') return { decision: 'allow' };
    if (decision.effect === 'require_approval') return this.#ask(call, decision);
    await this.#tell(call, 'deny', byRule(decision));
    return { decision: 'deny', reason: `Refused by ${byRule(decision)}. Do it in another way, or leave it.` };
  }

  async #decide(call: ToolCall): Promise<PolicyDecision> {
    const { projectId, id, runtime, agentRole, tags } = this.#session;
    return this.#persist(() =>
      this.#policies.decide({
        projectId,
        sessionId: id,
        runtime,
        agent: this.#asking.agent,
        agentRole,
        taskType: this.#asking.type,
        labels: tags,
        workspacePath: this.#workspacePath,
        tool: call.tool,
        arguments: call.arguments,
        at: this.#clock.now(),
        spent: this.#spent,
      }),
    );
  }

  /**
   * Asks people for a permission that the runtime wants to have on the agent's behalf; it knows only yes, for once, and no.
   * A call that people have let pass as a whole is not asked about once more. @throws CLAIM_LOST
   */
  async permission({ kind, title, patterns, callId }: PermissionRequest): Promise<'allow' | 'deny'> {
    if (callId !== null && this.#letPass.has(callId)) return 'allow';
    const exact = this.#exact(kind, { title, patterns: [...patterns] });
    const { used } = await this.#answerTo(exact, { callId, summary: title });
    // What was changed by whoever approved it is not what the runtime asks for.
    return used !== null && used.editedArguments === null ? 'allow' : 'deny';
  }

  async #ask(call: ToolCall, { rule, approval: terms }: PolicyDecision): Promise<ToolDecision> {
    const exact = this.#exact(call.tool, call.arguments);
    const more = { callId: call.callId, policy: rule && { ...rule }, ...(terms ? { terms } : {}) };
    const { answer, used } = await this.#answerTo(exact, more);
    if (used !== null) return this.#allowed(call, used);
    if (answer.status === 'approved') return this.#refused(call, answer, 'was used by another call');
    if (answer.status === 'pending') return { decision: 'deny', reason: this.#undecided(answer.id) };
    return this.#refused(call, answer, `was ${answer.status} by ${answer.decidedBy}`);
  }

  /** Asks people and waits; answers the approval as it stands then, and as it was used up where it lets the call pass. */
  async #answerTo(
    exact: ExactCall,
    more: Pick<RequestApproval, 'callId' | 'policy' | 'terms' | 'summary'>,
  ): Promise<{ answer: Approval; used: Approval | null }> {
    const { projectId } = this.#session;
    const digest = this.#approvals.digestOf({ projectId, ...exact });
    const given = await this.#use(digest);
    if (given) return { answer: given, used: given };
    const asked = await this.#persist(() =>
      this.#approvals.request(projectId, { ...exact, ...more }, this.#asking.agent),
    );
    const detail = { callId: more.callId ?? null, tool: exact.tool, approvalId: asked.id, digest };
    await this.#say({ type: 'status', phase: 'approval_requested', detail });
    const answer = await this.#held(asked);
    return { answer, used: answer.status === 'approved' ? await this.#use(digest) : null };
  }

  /** What an approval of a call is bound to. */
  #exact(tool: string, given: ToolCall['arguments']): ExactCall {
    return {
      subject: 'tool_call',
      sessionId: this.#session.id,
      taskId: null,
      tool,
      workingDirectory: this.#workspacePath,
      arguments: { ...given } as Approval['arguments'],
    };
  }

  /** Waits for people while the process may; answers the approval as it stands then. */
  async #held(asked: Approval): Promise<Approval> {
    const patience = new AbortController();
    const over = AbortSignal.any([patience.signal, this.#ended]);
    const answered = new AbortController();
    void this.#clock.sleep(this.#holdMs, answered.signal).then(() => {
      if (!answered.signal.aborted) patience.abort();
    });
    await this.#run.hold();
    let answer: Approval = asked;
    try {
      answer = await this.#persist(() => this.#approvals.waitFor(asked.projectId, asked.id, over));
    } finally {
      answered.abort();
      if (answer.status === 'pending' && !this.#ended.aborted) this.#run.park();
      else await this.#run.release();
    }
    return answer;
  }

  #use(digest: string): Promise<Approval | null> {
    const { projectId, id } = this.#session;
    return this.#persist(() => this.#approvals.use(projectId, id, digest, this.#asking.agent));
  }

  async #allowed(call: ToolCall, used: Approval): Promise<ToolDecision> {
    this.#letPass.add(call.callId);
    if (used.editedArguments === null || used.digest !== this.#digestOf(call)) {
      await this.#tell(call, 'allow', used.decidedBy ?? 'approval');
      return { decision: 'allow' };
    }
    const acting = editedArguments(used.editedArguments, used.arguments, call.arguments) as Record<string, unknown>;
    // Nobody may approve what the policies deny.
    const again = await this.#decide({ ...call, arguments: acting });
    if (again.effect === 'deny') return this.#refused(call, used, `was edited to what ${byRule(again)} denies`);
    const detail = { callId: call.callId, tool: call.tool, approvalId: used.id, arguments: redact(acting) };
    await this.#tell(call, 'allow', used.decidedBy ?? 'approval');
    await this.#say({ type: 'status', phase: 'arguments_edited', detail });
    return { decision: 'allow', arguments: acting };
  }

  async #refused(call: ToolCall, { id, reason, decidedBy }: Approval, why: string): Promise<ToolDecision> {
    await this.#tell(call, 'deny', decidedBy ?? 'approval');
    const said = reason === null ? '' : `: ${reason}`;
    return { decision: 'deny', reason: `Refused: this needs an approval, and ${id} ${why}${said}.` };
  }

  async #tell(
    { callId, tool, arguments: given }: ToolCall,
    decision: 'allow' | 'deny',
    decidedBy: string,
  ): Promise<void> {
    const command = typeof given.command === 'string' ? [given.command] : [];
    const about = { permissionId: `policy-${callId}`, kind: tool, title: tool, patterns: command };
    await this.#say({ type: 'permission', ...about, callId, decision, decidedBy });
  }

  #digestOf({ tool, arguments: given }: ToolCall): string {
    return this.#approvals.digestOf({ projectId: this.#session.projectId, ...this.#exact(tool, given) });
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persistently(this.#clock, this.#ended, work);
  }
}

function byRule({ rule }: PolicyDecision): string {
  return rule === null ? 'the default of the policies' : `rule ${rule.ruleId} of policy ${rule.name}`;
}

import type { Approvals } from '../../approvals/index.ts';
import type { AppendEvent, Journal } from '../../journal/index.ts';
import { storableJson } from '../../journal/index.ts';
import type { PathClaims } from '../../locks/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Budgets, Policies } from '../../policies/index.ts';
import type { Captures, Workspace, WorkspaceChanges, Workspaces } from '../../workspaces/index.ts';
import type { RuntimeEvent } from '../runtime.ts';
import type { JsonObject } from '../session.ts';
import type { SessionParts } from '../session-parts.ts';
import { isActive } from '../session-status.ts';
import type { FoundSession } from '../session-upkeep-store.ts';
import { usageOf } from '../session-usage.ts';
import type { Sessions } from '../sessions.ts';
import type { AdoptedAnswer, AdoptedReport } from './adopted-event.ts';
import { AdoptedFiles } from './adopted-files.ts';
import { AdoptedGate, type CallAnswer, NOTHING_AGAINST } from './adopted-gate.ts';
import { forgetEvents, silentSessions } from './adopted-store.ts';
import { AdoptedTurns, type Turn } from './adopted-turns.ts';
import { derivedId } from './derived-id.ts';

/** An agent that says nothing for so long is taken for gone, in milliseconds: no single call of one lasts longer. */
const SILENCE_MS = 60 * 60 * 1000;
/** How long it is known which events were heard, in milliseconds: so long a report may come late. */
const REMEMBERED_MS = 30 * 24 * 3600 * 1000;
const BATCH = 100;

export interface AdoptedParts extends SessionParts {
  sessions: Sessions;
  journal: Journal;
  workspaces: Workspaces;
  captures: Captures;
  workspaceChanges: WorkspaceChanges;
  pathClaims: PathClaims;
  policies: Pick<Policies, 'decide' | 'whenUnreachable'>;
  budgets: Pick<Budgets, 'spentBy' | 'usedUp'>;
  approvals: Pick<Approvals, 'digestOf' | 'request' | 'use' | 'waitFor'>;
}

/** Who reports, and what that allows. */
export interface Reporter {
  actor: string;
  /** Whether a directory that nobody has named may become a workspace. */
  mayAddWorkspaces: boolean;
  /** Aborted when whoever reports has hung up. */
  gone: AbortSignal;
}

/**
 * Sessions of agents that people started themselves. Their processes are not ours: nothing claims them, they take no slot,
 * and they live as long as something is heard of them.
 */
export class AdoptedSessions {
  readonly #parts: AdoptedParts;
  readonly #turns: AdoptedTurns;
  readonly #gate: AdoptedGate;
  readonly #files: AdoptedFiles;

  constructor(parts: AdoptedParts) {
    this.#parts = parts;
    this.#turns = new AdoptedTurns(parts);
    this.#gate = new AdoptedGate({ ...parts, turns: this.#turns });
    this.#files = new AdoptedFiles(parts);
  }

  /**
   * Takes one event in, and answers where it asks. Safe to repeat with the same event id.
   * @throws VALIDATION_FAILED, DATABASE_UNAVAILABLE, PATH_CLAIM_IMPOSSIBLE, WORKSPACE_CAPTURE_FAILED and what the journal does
   */
  async report(projectId: string, report: AdoptedReport, reporter: Reporter): Promise<AdoptedAnswer> {
    const { actor } = reporter;
    const workspace = await this.#workspace(projectId, report, reporter);
    const turn = await this.#turns.take(projectId, report, workspace?.id ?? null, actor);
    const answer = turn ? await this.#follow(turn, report, workspace, reporter) : NOTHING_AGAINST;
    const sessionId = turn?.session.id ?? null;
    const unreachable = await this.#parts.policies.whenUnreachable(projectId, sessionId);
    return { ...answer, sessionId, unreachable };
  }

  /** Ends sessions of agents that nothing is heard of any more, and forgets what was heard long ago. */
  async lookAfter(actor: string): Promise<FoundSession[]> {
    const { database, clock, sessions } = this.#parts;
    const now = clock.now().getTime();
    const silent = await silentSessions(database, new Date(now - SILENCE_MS), BATCH);
    for (const { projectId, id } of silent) {
      try {
        const pending = (await sessions.get(projectId, id))?.status === 'pending';
        await (pending ? sessions.cancel(projectId, id, actor) : sessions.orphan(projectId, id, actor));
      } catch (error) {
        // Somebody else has ended it meanwhile.
        if (!SignalboxError.is(error, 'INVALID_TRANSITION')) throw error;
      }
    }
    await forgetEvents(database, new Date(now - REMEMBERED_MS));
    return silent;
  }

  async #follow(
    turn: Turn,
    report: AdoptedReport,
    workspace: Workspace | null,
    reporter: Reporter,
  ): Promise<CallAnswer> {
    const { event, late } = report;
    const { session } = turn;
    const { actor } = reporter;
    // What was done while nobody looked cannot be told apart from what others did.
    const files = late || workspace?.id !== session.workspaceId ? null : workspace;
    if (turn.begun && files) await this.#carefully(turn, report, () => this.#files.begin(turn, files, actor));
    for (const [index, told] of eventsOf(report, turn.repeated).entries())
      await this.#say(turn, report, told, index === 0 ? report.eventId : undefined);
    switch (event.type) {
      case 'prompt':
        // What an interrupted turn had left open was never run.
        if (!turn.begun && files) await this.#carefully(turn, report, () => this.#files.end(turn, files, actor));
        return NOTHING_AGAINST;
      case 'tool_before':
        if (!turn.repeated) await this.#parts.sessions.addUsage(session.projectId, session.id, { toolCalls: 1 }, actor);
        return late ? NOTHING_AGAINST : this.#call(turn, report, event, files, reporter);
      case 'tool_after': {
        const { callId, background } = event;
        await this.#turns.release(session.projectId, session.id, [callId], actor);
        if (files && !background)
          await this.#carefully(turn, report, () => this.#files.after(turn, files, callId, actor));
        return NOTHING_AGAINST;
      }
      case 'usage':
        if (!turn.repeated) await this.#parts.sessions.addUsage(session.projectId, session.id, usageOf(event), actor);
        return NOTHING_AGAINST;
      case 'turn_ended':
      case 'closed':
        if (files && isActive(session.status))
          await this.#carefully(turn, report, () => this.#files.end(turn, files, actor));
        await this.#turns.end(session.projectId, session.id, event, actor);
        return NOTHING_AGAINST;
      default:
        return NOTHING_AGAINST;
    }
  }

  async #call(
    turn: Turn,
    report: AdoptedReport,
    { callId, tool, arguments: given }: Extract<AdoptedReport['event'], { type: 'tool_before' }>,
    files: Workspace | null,
    { actor, gone }: Reporter,
  ): Promise<CallAnswer> {
    const { session } = turn;
    if (!isActive(session.status)) {
      const reason = `Refused: this session is ${session.status} by decision of its operators. Stop, and wait for your person.`;
      return { ...NOTHING_AGAINST, decision: 'deny', reason };
    }
    const call = { callId, tool, arguments: given };
    const answer = await this.#gate.before(turn, call, report, {
      workspacePath: files?.path ?? report.directory,
      actor,
      gone,
      say: (event) => this.#say(turn, report, event),
    });
    if (files === null || answer.decision === 'deny' || answer.decision === 'held') return answer;
    let refusal: string | null = null;
    const acting = { ...call, arguments: answer.arguments ?? given };
    await this.#carefully(turn, report, async () => {
      refusal = await this.#files.before(turn, files, acting, actor);
    });
    return refusal === null ? answer : { ...NOTHING_AGAINST, decision: 'deny', reason: refusal };
  }

  /** Where files cannot be captured, the person's agent goes on all the same; the journal says so. */
  async #carefully(turn: Turn, report: AdoptedReport, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const known = SignalboxError.is(error, 'WORKSPACE_CAPTURE_FAILED') || SignalboxError.is(error, 'WORKSPACE_BUSY');
      if (!known) throw error;
      const detail = { code: error.code, message: error.message };
      await this.#say(turn, report, { type: 'status', phase: 'capture_failed', detail });
    }
  }

  /** Journals what follows from an event, once however often it is worked out. */
  async #say(turn: Turn, { eventId, at }: AdoptedReport, told: RuntimeEvent, id?: string): Promise<void> {
    const { type, ...payload } = told;
    const { projectId, id: sessionId } = turn.session;
    const event: AppendEvent = storableJson({
      eventId: id ?? derivedId(eventId, JSON.stringify(told)),
      type,
      actor: payloadActor(turn),
      payload: payload as JsonObject,
      occurredAt: at ?? this.#parts.clock.now().toISOString(),
    });
    await this.#parts.journal.append(projectId, sessionId, [event]);
  }

  async #workspace(
    projectId: string,
    { directory }: AdoptedReport,
    { actor, mayAddWorkspaces }: Reporter,
  ): Promise<Workspace | null> {
    const { workspaces } = this.#parts;
    try {
      return mayAddWorkspaces
        ? await workspaces.ensure(projectId, directory, actor)
        : await workspaces.find(projectId, directory);
    } catch (error) {
      // The agent works on another machine, or in a directory that is no workspace: it is journaled all the same.
      if (SignalboxError.is(error, 'WORKSPACE_PATH_INVALID')) return null;
      throw error;
    }
  }
}

function payloadActor({ session }: Turn): string {
  const { adoptedFrom } = session.metadata;
  return typeof adoptedFrom === 'string' ? adoptedFrom : 'agent';
}

/** What the journal says of an event. */
function eventsOf({ eventId, event, late }: AdoptedReport, repeated: boolean): RuntimeEvent[] {
  // One that comes again was heard in time, though its answer was lost.
  const unseen: RuntimeEvent[] =
    late && !repeated
      ? [
          {
            type: 'status',
            phase: 'told_late',
            detail: { event: event.type, reason: 'nobody could be asked at the time' },
          },
        ]
      : [];
  switch (event.type) {
    case 'opened':
      return [{ type: 'status', phase: 'opened', detail: { model: event.model, ...event.detail } }];
    case 'prompt':
      return [{ type: 'message', role: 'user', messageId: eventId, text: event.text, final: true }];
    case 'tool_before': {
      const { callId, tool, arguments: given } = event;
      return [{ type: 'tool_call', callId, tool, arguments: given }, ...unseen];
    }
    case 'tool_after': {
      const { callId, tool, status, output, durationMs, metadata } = event;
      return [{ type: 'tool_result', callId, tool, status, output, title: null, durationMs, metadata }];
    }
    case 'usage':
      return [event];
    case 'turn_ended': {
      const { message, failure } = event;
      if (failure !== null) return [{ type: 'error', name: 'AGENT_FAILED', message: failure, retryable: true }];
      if (message === null) return [{ type: 'status', phase: 'turn_ended', detail: {} }];
      return [{ type: 'message', role: 'assistant', messageId: eventId, text: message, final: true }];
    }
    case 'closed':
      return [{ type: 'status', phase: 'closed', detail: { reason: event.reason } }];
    case 'noted':
      return [{ type: 'status', phase: event.phase, detail: event.detail }];
  }
}

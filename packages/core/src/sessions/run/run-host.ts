import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { redactor, type StreamRedactor } from '../../platform/redaction/index.ts';
import { writtenPaths } from '../../workspaces/index.ts';
import type { PermissionRequest, RunHost, RuntimeEvent, ToolCall, ToolDecision, ToolResult } from '../runtime.ts';
import type { JsonObject } from '../session.ts';
import type { BudgetWatch } from './budget-watch.ts';
import type { CallGate } from './call-gate.ts';
import type { ChangeRecorder, RecordedChange } from './change-recorder.ts';
import type { EarlierCalls } from './earlier-calls.ts';
import { expectedWrites } from './expected-writes.ts';
import type { PathGuard } from './path-guard.ts';
import { decidePermission, type PermissionMode } from './permission-rule.ts';
import type { RunJournal } from './run-journal.ts';
import { TextCoalescer } from './text-coalescer.ts';

type Usage = Extract<RuntimeEvent, { type: 'usage' }>;
type StreamKey =
  | { type: 'output'; stream: 'stdout' | 'stderr' }
  | { type: 'message'; role: Extract<RuntimeEvent, { type: 'message' }>['role']; messageId: string };

/** A streamed piece of a message, for those who watch; it is journaled coalesced. */
export interface MessageDelta {
  messageId: string;
  role: string;
  text: string;
}

/** What a run may ask of us: its events go into the journal, its file changes are found, its permissions decided. */
export class SessionRunHost implements RunHost {
  readonly #journal: RunJournal;
  readonly #actor: string;
  readonly #changes: ChangeRecorder | null;
  readonly #gate: Pick<CallGate, 'before' | 'permission'>;
  readonly #paths: PathGuard;
  readonly #earlier: EarlierCalls | null;
  /** Calls under way, by their ids: whose changes are being looked at. */
  readonly #calls = new Map<string, ToolCall>();
  readonly #permissions: PermissionMode;
  readonly #workspacePath: string;
  readonly #onUsage: (usage: Usage) => Promise<void>;
  readonly #budget: Pick<BudgetWatch, 'count' | 'suffices'>;
  readonly #onDelta: (delta: MessageDelta) => void;
  readonly #text: TextCoalescer<StreamKey>;
  /** One for each stream: a secret may come in several pieces, and others may speak between them. */
  readonly #clean = new Map<string, { key: StreamKey; redactor: StreamRedactor }>();

  constructor(options: {
    journal: RunJournal;
    clock: Clock;
    /** Who the events are by. */
    actor: string;
    /** Null where the workspace cannot be captured. */
    changes: ChangeRecorder | null;
    gate: Pick<CallGate, 'before' | 'permission'>;
    paths: PathGuard;
    /** Of a run that goes on from a checkpoint. */
    earlier: EarlierCalls | null;
    permissions: PermissionMode;
    workspacePath: string;
    onUsage: (usage: Usage) => Promise<void>;
    budget: Pick<BudgetWatch, 'count' | 'suffices'>;
    onDelta: (delta: MessageDelta) => void;
  }) {
    this.#journal = options.journal;
    this.#actor = options.actor;
    this.#changes = options.changes;
    this.#gate = options.gate;
    this.#paths = options.paths;
    this.#earlier = options.earlier;
    this.#permissions = options.permissions;
    this.#workspacePath = options.workspacePath;
    this.#onUsage = options.onUsage;
    this.#budget = options.budget;
    this.#onDelta = options.onDelta;
    this.#text = new TextCoalescer({
      clock: options.clock,
      same: (a, b) => JSON.stringify(a) === JSON.stringify(b),
      write: ({ key, text }) => this.#write(key.type === 'output' ? { ...key, text } : { ...key, text, final: false }),
    });
  }

  async emit(event: RuntimeEvent): Promise<void> {
    if (event.type === 'output') return this.#say({ type: 'output', stream: event.stream }, event.text);
    if (event.type === 'message' && !event.final) {
      const { messageId, role, text } = event;
      return this.#say({ type: 'message', role, messageId }, text);
    }
    await this.#endMessages();
    await this.#text.flush();
    await this.#write(event);
    if (event.type === 'usage') await this.#onUsage(event);
    if (event.type === 'tool_call') await this.#budget.count(event.callId);
  }

  async toolBefore(asked: ToolCall): Promise<ToolDecision> {
    await this.#budget.count(asked.callId);
    if (!(await this.#budget.suffices())) return { decision: 'deny', reason: 'The run is being ended.' };
    const refusal = await this.#earlier?.refusal(asked);
    if (refusal) return refusal;
    const decision = await this.#gate.before(asked);
    if (decision.decision === 'deny') return decision;
    const call = decision.arguments === undefined ? asked : { ...asked, arguments: decision.arguments };
    const free = await this.#paths.before(call);
    if (free.decision === 'deny') return free;
    this.#calls.set(call.callId, call);
    if (!mayWrite(call)) return decision;
    try {
      const expected = await expectedWrites(this.#workspacePath, call);
      await this.#changes?.before(call, expected);
      return decision;
    } catch (error) {
      if (!SignalboxError.is(error, 'WORKSPACE_BUSY')) throw error;
      await this.#paths.after(call);
      this.#calls.delete(call.callId);
      return { decision: 'deny', reason: error.message };
    }
  }

  /** Its window stays open; what it changed until now is told. */
  async toolGoesOn(call: ToolCall): Promise<void> {
    if (mayWrite(call)) await this.#changes?.look();
  }

  async toolAfter(call: ToolCall, _result: ToolResult): Promise<void> {
    if (mayWrite(call)) await this.#changes?.after(call.callId);
    await this.#paths.after(call);
    this.#calls.delete(call.callId);
  }

  /** Only decides: the runtime reports the request with its answer. */
  async permission(request: PermissionRequest): Promise<'allow' | 'deny'> {
    const decided = await decidePermission(this.#permissions, this.#workspacePath, request);
    return decided === 'ask' ? this.#gate.permission(request) : decided;
  }

  /** Records file changes as events of their own, after whatever was said before them. */
  async recordChanges(recorded: readonly RecordedChange[]): Promise<void> {
    await this.#text.flush();
    await Promise.all(
      recorded.map(({ change, file, callId }) => {
        const { id, attribution, position, candidates } = change;
        const whose = { callId, changeId: id, attribution, position, candidates };
        return this.#journal.record({ type: 'file_change', actor: this.#actor, payload: { ...file, ...whose } });
      }),
    );
    const byCall = Map.groupBy(recorded, ({ callId }) => callId);
    for (const [callId, own] of byCall) {
      const paths = own.flatMap(({ file }) => (file.oldPath === null ? [file.path] : [file.oldPath, file.path]));
      await this.#paths.changed(paths, callId === null ? null : (this.#calls.get(callId) ?? null));
    }
  }

  /** Writes what is still gathered and waits until all of it is recorded. */
  async finish(): Promise<void> {
    await this.#endStreams(() => true);
    await this.#text.flush();
    await this.#journal.drain();
  }

  /** Streamed text goes on without its secrets, to those who watch and into the journal. */
  #say(key: StreamKey, text: string): Promise<void> {
    const name = JSON.stringify(key);
    const stream = this.#clean.get(name) ?? { key, redactor: redactor.stream() };
    this.#clean.set(name, stream);
    return this.#tell(key, stream.redactor.push(text));
  }

  async #tell(key: StreamKey, text: string): Promise<void> {
    if (text === '') return;
    if (key.type === 'message') this.#onDelta({ messageId: key.messageId, role: key.role, text });
    await this.#text.push(key, text);
  }

  /** Whatever comes after a message in pieces ends it; the output of a program goes on. */
  #endMessages(): Promise<void> {
    return this.#endStreams((key) => key.type === 'message');
  }

  async #endStreams(which: (key: StreamKey) => boolean): Promise<void> {
    const ended = [...this.#clean].filter(([, { key }]) => which(key));
    for (const [name] of ended) this.#clean.delete(name);
    await Promise.all(ended.map(([, { key, redactor: stream }]) => this.#tell(key, stream.end())));
  }

  async #write(event: RuntimeEvent): Promise<void> {
    const { type, ...payload } = event;
    await this.#journal.record({ type, actor: this.#actor, payload: payload as JsonObject });
  }
}

/** Whether a call may change files: only then they are looked at around it. */
export function mayWrite(call: ToolCall): boolean {
  const paths = writtenPaths(call);
  return paths === null || paths.length > 0;
}

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import {
  type Clock,
  type RunHandle,
  type RunHost,
  type RunOutcome,
  type RunSpec,
  type RuntimeEvent,
  type RuntimeSessionRef,
  SignalboxError,
  type ToolCall,
  type ToolDecision,
} from '@signalbox/core';
import { abnormalEnd, type GuardedProcess, type ProcessEnd } from '../process/index.ts';
import type { ClaudeCodeHook } from './hook-event.ts';
import { readStreamLine } from './stream-line.ts';
import { StreamTranslator } from './stream-translator.ts';

/** How long a hook waits for its call to be printed, in milliseconds, so that the record has the call first. */
const CALL_PRINTED_MS = 2_000;
/** A pipe may be held open by a process that is not ours to end. */
const DRAIN_MS = 1_000;
/** What of a hook's answer decides; the words are those of the program. */
type HookOutput = Record<string, unknown>;
type CallHook = Extract<ClaudeCodeHook, { hook_event_name: 'PreToolUse' | 'PostToolUse' | 'PostToolUseFailure' }>;

/**
 * One run in Claude Code, without a terminal: what it prints is the record, what its hooks ask is decided by the host. What
 * is told to the host goes through one queue, and is read no faster than the host accepts it.
 *
 * States: *running*, *ending* (stopped, or something went wrong: nothing is allowed any more), *over* (`done` has settled).
 */
export class ClaudeCodeRun implements RunHandle {
  readonly #spec: RunSpec;
  readonly #host: RunHost;
  readonly #clock: Clock;
  readonly #translator = new StreamTranslator();
  readonly #done = Promise.withResolvers<RunOutcome>();
  /** Aborted when the run ends: who waits for the host then stops waiting. */
  readonly #ending = new AbortController();
  readonly #open = new Map<string, ToolCall>();
  /** Calls that were answered and go on in the background: nobody says when they end. */
  readonly #background: ToolCall[] = [];
  readonly #refused = new Set<string>();
  #printed = Promise.withResolvers<void>();
  #process: GuardedProcess | null = null;
  #told: Promise<void> = Promise.resolve();
  #problem: RunOutcome['error'] = null;
  #stopped = false;

  constructor(spec: RunSpec, host: RunHost, clock: Clock) {
    this.#spec = spec;
    this.#host = host;
    this.#clock = clock;
  }

  get done(): Promise<RunOutcome> {
    return this.#done.promise;
  }

  /** Gives the prompt, and follows the program to its end. @param closed what is to be cleared away after it. */
  begin(process: GuardedProcess, closed: () => Promise<void>): void {
    this.#process = process;
    process.stdin?.on('error', () => undefined);
    process.stdin?.end(this.#spec.prompt);
    void this.#follow(process).finally(closed);
  }

  runtimeSession(): RuntimeSessionRef | null {
    const { sessionId, messageId } = this.#translator;
    return sessionId === null ? null : { runtimeSessionId: sessionId, messageId };
  }

  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  async resume(): Promise<void> {
    await this.#process?.resume();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#ending.abort();
    await this.#process?.stop(graceMs);
    await this.#done.promise;
  }

  async usage(): Promise<{ cpuSeconds: number | null; peakMemoryMb: number | null }> {
    return (await this.#process?.usage()) ?? { cpuSeconds: null, peakMemoryMb: null };
  }

  /** What is answered to a hook of the program; it waits until this resolves. */
  async hook(event: CallHook): Promise<HookOutput> {
    const call: ToolCall = { callId: event.tool_use_id, tool: event.tool_name, arguments: event.tool_input };
    if (event.hook_event_name === 'PreToolUse') return outputOf(await this.#before(call));
    const failed = event.hook_event_name === 'PostToolUseFailure';
    if (!failed && event.tool_input.run_in_background === true) {
      await this.#goesOn(call);
      return {};
    }
    const output = failed ? event.error : JSON.stringify(event.tool_response ?? null);
    await this.#after(call, failed ? 'error' : 'completed', output);
    return {};
  }

  async #before(call: ToolCall): Promise<ToolDecision> {
    const over: ToolDecision = { decision: 'deny', reason: 'The run is being stopped.' };
    if (this.#ending.signal.aborted) return over;
    try {
      await this.#recorded(call);
      const decision = await this.#orOver(this.#permitted(call), over);
      if (decision.decision === 'deny') this.#refused.add(call.callId);
      else this.#open.set(call.callId, { ...call, arguments: decision.arguments ?? call.arguments });
      return decision;
    } catch (error) {
      this.#fail(error);
      return { decision: 'deny', reason: `Signalbox could not decide: ${messageOf(error)}` };
    }
  }

  /** The host decides; and what reaches out of the workspace needs its permission too, since the program asks nobody else. */
  async #permitted(call: ToolCall): Promise<ToolDecision> {
    const decision = await this.#host.toolBefore(call);
    if (decision.decision === 'deny') return decision;
    const given = decision.arguments ?? call.arguments;
    const paths = [given.file_path, given.notebook_path, given.path].filter((path) => typeof path === 'string');
    if (paths.length === 0) return decision;
    const kind = /^(read|glob|grep|ls)$/i.test(call.tool) ? 'read' : 'edit';
    const about = {
      permissionId: `permission-${call.callId}`,
      kind,
      title: call.tool,
      patterns: paths,
      callId: call.callId,
    };
    if ((await this.#host.permission({ ...about, metadata: {} })) === 'allow') return decision;
    await this.#host.toolAfter({ ...call, arguments: given }, refusedResult('not permitted'));
    await this.#tell({ type: 'permission', ...about, decision: 'deny', decidedBy: 'signalbox' });
    return { decision: 'deny', reason: 'Refused: it lies outside of the workspace.' };
  }

  /** Waits a little until the call has been printed, so that the record has it first; else it is told as the hook has it. */
  async #recorded(call: ToolCall): Promise<void> {
    const patience = new AbortController();
    let waiting = true;
    const late = this.#clock.sleep(CALL_PRINTED_MS, patience.signal).then(() => {
      waiting = false;
    });
    while (waiting && this.#translator.toolOf(call.callId) === undefined) {
      await Promise.race([this.#printed.promise, late]);
    }
    patience.abort();
    if (this.#translator.noteCall(call.callId, call.tool)) {
      await this.#tell({ type: 'tool_call', ...call, arguments: { ...call.arguments } });
    }
    await this.#told;
  }

  async #goesOn({ callId }: ToolCall): Promise<void> {
    const open = this.#open.get(callId);
    if (!open) return;
    this.#open.delete(callId);
    this.#background.push(open);
    try {
      await this.#host.toolGoesOn(open);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #after(call: ToolCall, status: 'completed' | 'error', output: string): Promise<void> {
    const open = this.#open.get(call.callId);
    if (!open) return;
    this.#open.delete(call.callId);
    try {
      await this.#host.toolAfter(open, { status, output, title: null, metadata: {} });
    } catch (error) {
      this.#fail(error);
    }
  }

  async #follow(process: GuardedProcess): Promise<void> {
    const last: string[] = [];
    const errors = createInterface({ input: process.stderr }).on('line', (line) => {
      last.push(line);
      if (last.length > 5) last.shift();
      void this.#tell({ type: 'output', stream: 'stderr', text: `${line}\n` }).catch((error) => this.#fail(error));
    });
    const drained = Promise.all([this.#read(process), once(errors, 'close')]);
    const end = await process.ended;
    this.#ending.abort();
    const patience = new AbortController();
    await Promise.race([drained, this.#clock.sleep(DRAIN_MS, patience.signal)]);
    patience.abort();
    for (const stream of [process.stdout, process.stderr]) stream.destroy();
    await this.#closeOpen();
    await this.#told.catch((error) => this.#fail(error));
    this.#done.resolve(this.#outcome(end, last));
  }

  async #read(process: GuardedProcess): Promise<void> {
    try {
      for await (const text of createInterface({ input: process.stdout })) {
        const line = readStreamLine(text);
        if (!line) continue;
        const events = this.#translator.translate(line);
        for (const event of events) await this.#tell(this.#seen(event));
        this.#printed.resolve();
        this.#printed = Promise.withResolvers();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A call that was refused did not fail. */
  #seen(event: RuntimeEvent): RuntimeEvent {
    return event.type === 'tool_result' && this.#refused.has(event.callId) ? { ...event, status: 'denied' } : event;
  }

  /** What was under way when the program ended: nobody knows whether it took effect. */
  async #closeOpen(): Promise<void> {
    for (const call of this.#background) {
      const result = { status: 'completed' as const, output: '', title: null, metadata: {} };
      await this.#host.toolAfter(call, result).catch((error: unknown) => this.#fail(error));
    }
    for (const call of this.#open.values()) {
      try {
        await this.#host.toolAfter(call, refusedResult('the run ended in the middle of the call'));
        const { callId, tool } = call;
        const unknown = { status: 'unknown' as const, output: '', title: null, durationMs: null, metadata: {} };
        await this.#tell({ type: 'tool_result', callId, tool, ...unknown });
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#open.clear();
  }

  #outcome(end: ProcessEnd, last: readonly string[]): RunOutcome {
    const { exitCode, signal } = end;
    const told = this.#translator.outcome;
    const result = told?.result ?? {};
    const base = { exitCode, signal, result };
    const problem = abnormalEnd(end, this.#spec.limits) ?? this.#problem;
    if (problem) return { ...base, status: 'failed', error: problem };
    if (this.#stopped) return { ...base, status: 'stopped', error: null };
    if (told) return { ...base, status: told.status, error: told.error };
    const said = last.length > 0 ? `; it said: ${last.join(' | ')}` : '';
    const message = `Claude Code ended (${signal ?? `code ${exitCode}`}) in the middle of its work${said}.`;
    return { ...base, status: 'failed', error: { name: 'CLAUDE_CODE_ENDED', message, retryable: true } };
  }

  /** Records one event, in its turn. */
  #tell(event: RuntimeEvent): Promise<void> {
    this.#told = this.#told.then(() => this.#host.emit(event));
    return this.#told;
  }

  /** Something went wrong on our side, or the host does not want to hear of the run any more. */
  #fail(error: unknown): void {
    const name = SignalboxError.is(error) ? error.code : 'HOST_FAILED';
    this.#problem ??= { name, message: messageOf(error), retryable: name !== 'CLAIM_LOST' };
    this.#ending.abort();
    void this.#process?.stop(0);
  }

  async #orOver<T>(work: Promise<T>, over: T): Promise<T> {
    const { signal } = this.#ending;
    const ended = new Promise<T>((resolve) => signal.addEventListener('abort', () => resolve(over), { once: true }));
    return Promise.race([work, ended]);
  }
}

function outputOf(decision: ToolDecision): HookOutput {
  const hookEventName = 'PreToolUse';
  if (decision.decision === 'deny') {
    const { reason: permissionDecisionReason } = decision;
    return { hookSpecificOutput: { hookEventName, permissionDecision: 'deny', permissionDecisionReason } };
  }
  // Nobody sits before it who could be asked: what the host allows is allowed.
  const edited = decision.arguments === undefined ? {} : { updatedInput: decision.arguments };
  return { hookSpecificOutput: { hookEventName, permissionDecision: 'allow', ...edited } };
}

function refusedResult(output: string) {
  return { status: 'error' as const, output, title: null, metadata: {} };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

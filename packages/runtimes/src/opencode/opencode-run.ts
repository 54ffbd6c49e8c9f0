import {
  type Clock,
  type RunHandle,
  type RunHost,
  type RunOutcome,
  type RunSpec,
  type RuntimeEvent,
  type RuntimeSessionRef,
  SignalboxError,
  type ToolDecision,
  type ToolResult,
} from '@signalbox/core';
import { prettifyError, ZodError } from 'zod';
import { abnormalEnd, PART_VARIABLE } from '../process/index.ts';
import { EventTranslator, type RunFailure } from './event-translator.ts';
import type { HookEndpoint, HookHandlers } from './hook-endpoint.ts';
import type { ShellHook, ToolAfterHook, ToolBeforeHook } from './hook-protocol.ts';
import { modelOf, type OpencodeAgentConfig } from './opencode-config.ts';
import { type OpencodeEvent, readOpencodeEvent } from './opencode-event.ts';
import type { OpencodeServer } from './opencode-server.ts';
import { answered, type OpenedSession } from './opencode-session.ts';
import { PermissionDesk } from './permission-desk.ts';
import { ToolCalls, type TrackedCall } from './tool-calls.ts';

/** How long a hook waits for its call to turn up in the event stream, so that the record has the call first. */
const CALL_IN_STREAM_MS = 5_000;
/** How often processes that a shell left behind are looked for, in milliseconds. */
const LEFT_LOOK_MS = 500;
/** Patience with the program when its work is done. */
const END_GRACE_MS = 3_000;

/** Everything of a run that was set up before the prompt. */
export interface OpenedRun {
  server: OpencodeServer;
  events: AsyncIterable<unknown>;
  endpoint: HookEndpoint;
  session: OpenedSession;
  settings: OpencodeAgentConfig;
}

/**
 * One run in OpenCode.
 *
 * Three sides speak at once: the event stream tells what happens, the hooks of the plugin hold tool calls, and questions
 * for permission wait for the host. What is told to the host goes through one queue, so the order in which it was
 * understood is the order of the record; and the event stream is read no faster than the host accepts it.
 *
 * States: *opening* (until {@link OpencodeRun.begin}), *running*, *ending* (an outcome is set, nothing is allowed any
 * more, the tree is being ended), *over* (`done` has settled).
 */
export class OpencodeRun implements RunHandle, HookHandlers {
  readonly #spec: RunSpec;
  readonly #host: RunHost;
  readonly #clock: Clock;
  readonly #calls = new ToolCalls();
  readonly #ready = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<RunOutcome>();
  /** Resolves when the run is told to stop or starts to end: whoever waits for the host then stops waiting. */
  readonly #released = Promise.withResolvers<void>();
  readonly #ending = Promise.withResolvers<void>();
  /** Questions for permission on their way to the host and back, and results on their way to it. */
  readonly #underway = new Set<Promise<unknown>>();
  readonly #callsByPermission = new Map<string, TrackedCall>();
  #opened: OpenedRun | null = null;
  #translator: EventTranslator | null = null;
  #desk: PermissionDesk | null = null;
  #told: Promise<void> = Promise.resolve();
  #outcome: Pick<RunOutcome, 'status' | 'error'> | null = null;
  #busy = false;
  #paused = false;
  #stopping = false;
  /** The host does not take events any more. */
  #unheard = false;

  constructor(spec: RunSpec, host: RunHost, clock: Clock) {
    this.#spec = spec;
    this.#host = host;
    this.#clock = clock;
  }

  get done(): Promise<RunOutcome> {
    return this.#done.promise;
  }

  /** Resolves when the plugin has reported from inside the program. */
  get pluginReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** Gives the prompt. From here on the run ends by itself, by `stop`, or by an error, and `done` settles. */
  async begin(opened: OpenedRun): Promise<void> {
    if (this.#outcome)
      throw new SignalboxError('RUNTIME_FAILED', { runtime: 'opencode', reason: this.#outcome.error?.message });
    const { server, session, settings } = opened;
    this.#opened = opened;
    this.#translator = new EventTranslator(session.id, session.earlierMessages, this.#calls);
    this.#desk = new PermissionDesk({
      decide: (request) => {
        const call = this.#callsByPermission.get(request.permissionId);
        return this.#held(call, this.#orReleased(this.#host.permission(request), null));
      },
      reply: async (requestID, answer) => {
        const reply = await server.client.permission.reply({ requestID, ...answer });
        if (reply.response?.status === 404) return false;
        answered('its acceptance of a permission', reply);
        return true;
      },
      runningCalls: (sessionId) => this.#calls.letGo(sessionId).map((call) => call.callId),
      record: (event) => this.#tell(event),
    });
    await this.#tell({
      type: 'status',
      phase: 'opened',
      detail: { runtimeSessionId: session.id, forkedFrom: session.forkedFrom, agent: session.agent },
    });
    const model = modelOf(this.#spec);
    const { variant, system, tools } = settings;
    const prompt = await server.client.session.promptAsync({
      sessionID: session.id,
      agent: session.agent,
      parts: [{ type: 'text', text: this.#spec.prompt }],
      ...(model ? { model } : {}),
      ...(variant ? { variant } : {}),
      ...(system ? { system } : {}),
      ...(tools ? { tools } : {}),
    });
    if (prompt.error !== undefined) answered('its acceptance of the prompt', prompt);
    void this.#follow(opened);
  }

  runtimeSession(): RuntimeSessionRef | null {
    if (!this.#opened) return null;
    return { runtimeSessionId: this.#opened.session.id, messageId: this.#translator?.lastMessageId ?? null };
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.#opened?.server.process.pause();
  }

  async resume(): Promise<void> {
    this.#paused = false;
    await this.#opened?.server.process.resume();
  }

  async stop(graceMs: number): Promise<void> {
    const opened = this.#opened;
    if (!opened || this.#stopping || this.#outcome) {
      await this.#done.promise;
      return;
    }
    this.#stopping = true;
    this.#released.resolve();
    const deadline = this.#clock.monotonic() + graceMs;
    // A halted program cannot hear it, and must not go on working only to hear it.
    if (!this.#paused) {
      const patience = new AbortController();
      const asked = opened.server.client.session.abort({ sessionID: opened.session.id });
      // A program that does not take the question is ended without further ado.
      const heard = asked.then(
        () => this.#ending.promise,
        () => undefined,
      );
      await Promise.race([heard, this.#clock.sleep(graceMs, patience.signal)]);
      patience.abort();
    }
    this.#end({ status: 'stopped', error: null }, Math.max(0, deadline - this.#clock.monotonic()));
    await this.#done.promise;
  }

  async usage(): Promise<{ cpuSeconds: number | null; peakMemoryMb: number | null }> {
    return (await this.#opened?.server.process.usage()) ?? { cpuSeconds: null, peakMemoryMb: null };
  }

  /** A line that the program printed. */
  printed(stream: 'stdout' | 'stderr', line: string): void {
    this.#tell({ type: 'output', stream, text: `${line}\n` }).catch((error: unknown) => this.#fail(error));
  }

  ready(): void {
    this.#ready.resolve();
  }

  /** A tool is about to run; it waits until this resolves. */
  async before(hook: ToolBeforeHook): Promise<ToolDecision> {
    const call = await this.#callOf(hook);
    call.window = 'asked';
    call.arguments = hook.arguments;
    // The call is recorded before it is decided on. Whoever told it takes care of a failure.
    await this.#told.catch(() => undefined);
    const decision = await this.#decide(call);
    if (decision.decision === 'allow') await this.#desk?.settled(call.sessionId);
    call.window = decision.decision === 'allow' ? 'open' : 'closed';
    if (decision.decision === 'deny') call.refusal = decision.reason;
    else if (decision.arguments !== undefined) call.arguments = decision.arguments;
    return decision;
  }

  /** A call opens a shell: what it starts is to be known by a mark. */
  shell({ sessionId, callId }: ShellHook): Record<string, string> {
    const call = this.#calls.ofHook(sessionId, callId, 'open');
    if (!call) return {};
    call.shellMark = `${this.#spec.sessionId}.${this.#spec.attempt}/${call.callId}`;
    return { [PART_VARIABLE]: call.shellMark };
  }

  async after(hook: ToolAfterHook): Promise<void> {
    const call = this.#calls.ofHook(hook.sessionId, hook.callId, 'open');
    if (!call) return;
    const { title, output, metadata } = hook;
    await this.#closeWindow(call, { status: 'completed', title, output, metadata });
  }

  async #decide(call: TrackedCall): Promise<ToolDecision> {
    const over: ToolDecision = { decision: 'deny', reason: 'The run is being stopped.' };
    if (this.#outcome || this.#stopping) return over;
    try {
      const { callId, tool } = call;
      const decision = this.#host.toolBefore({ callId, tool, arguments: call.arguments });
      return await this.#held(call, this.#orReleased(decision, over));
    } catch (error) {
      this.#fail(error);
      return { decision: 'deny', reason: `Signalbox could not decide: ${messageOf(error)}` };
    }
  }

  /** The call that a hook is about: as the event stream has it, or, if that is silent, as the hook tells it. */
  async #callOf(hook: ToolBeforeHook): Promise<TrackedCall> {
    const patience = new AbortController();
    let waiting = true;
    const over = this.#clock.sleep(CALL_IN_STREAM_MS, patience.signal).then(() => {
      waiting = false;
    });
    try {
      for (;;) {
        const call = this.#calls.ofHook(hook.sessionId, hook.callId, 'none');
        if (call) return call;
        if (!waiting) break;
        await this.#calls.nextPart(over);
      }
    } finally {
      patience.abort();
    }
    const call = this.#calls.fromHook(hook.sessionId, hook.callId, hook.tool, hook.arguments);
    await this.#tell({ type: 'tool_call', callId: call.callId, tool: call.tool, arguments: { ...call.arguments } });
    return call;
  }

  async #closeWindow(call: TrackedCall, result: ToolResult): Promise<void> {
    call.window = 'closed';
    try {
      await this.#track(this.#endCall(call, result));
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Where its shells have left processes behind, these may go on writing: then the call is over, but not its changes. */
  async #endCall(call: TrackedCall, result: ToolResult): Promise<void> {
    const { callId, tool, arguments: given } = call;
    const processes = await this.#leftBehind(call);
    if (processes === 0) return this.#host.toolAfter({ callId, tool, arguments: given }, result);
    await this.#tell({ type: 'status', phase: 'background', detail: { callId, processes } });
    await this.#host.toolGoesOn({ callId, tool, arguments: given });
    this.#track(this.#outlast(call, result)).catch((error: unknown) => this.#fail(error));
  }

  /** Resolves once nothing of the call's shells is left, at the latest with the run's own end. */
  async #outlast(call: TrackedCall, result: ToolResult): Promise<void> {
    const over = new AbortController();
    void this.#ending.promise.then(() => over.abort());
    do await this.#clock.sleep(LEFT_LOOK_MS, over.signal);
    while (!over.signal.aborted && (await this.#leftBehind(call)) > 0);
    if (over.signal.aborted) await this.#opened?.server.process.ended;
    const { callId, tool, arguments: given } = call;
    await this.#host.toolAfter({ callId, tool, arguments: given }, result);
    await this.#tell({ type: 'status', phase: 'background_ended', detail: { callId } });
  }

  async #leftBehind({ shellMark }: TrackedCall): Promise<number> {
    if (shellMark === null) return 0;
    return (await this.#opened?.server.process.count(shellMark)) ?? 0;
  }

  /** Has the end of the run wait for it. */
  #track<T>(work: Promise<T>): Promise<T> {
    this.#underway.add(work);
    const over = () => this.#underway.delete(work);
    work.then(over, over);
    return work;
  }

  async #follow({ events, server }: OpenedRun): Promise<void> {
    try {
      for await (const data of events) {
        const event = readOpencodeEvent(data);
        if (event) await this.#handle(event);
        if (this.#outcome) return;
      }
      const end = await server.process.stop(0);
      const message = `OpenCode ended (${end.signal ?? `code ${end.exitCode}`}) in the middle of its work.`;
      this.#end(
        failure(abnormalEnd(end, this.#spec.limits) ?? { name: 'OPENCODE_ENDED', message, retryable: true }),
        0,
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  async #handle(event: OpencodeEvent): Promise<void> {
    const translator = this.#translator;
    if (!translator || !this.#opened) return;
    // All of one event enters the queue before anything else can: a hook that waits for this call comes behind it.
    const told = translator.translate(event).map(async (translated) => {
      if (translated.type === 'tool_result') await this.#closeLeftOpen(translated);
      await this.#tell(translated);
    });
    await Promise.all(told);
    this.#desk?.callsChanged();
    switch (event.type) {
      case 'permission.asked':
        this.#ask(event.properties);
        return;
      case 'permission.replied': {
        const call = this.#callsByPermission.get(event.properties.requestID);
        if (event.properties.reply === 'reject' && call) call.refusal ??= 'not permitted';
        this.#desk?.replied(event.properties.requestID, event.properties.reply);
        return;
      }
      case 'question.asked':
        // Nobody is there to answer.
        await this.#opened.server.client.question.reject({ requestID: event.properties.id });
        return;
      case 'session.status':
        if (event.properties.sessionID !== this.#opened.session.id) return;
        if (event.properties.status.type !== 'idle') this.#busy = true;
        else if (this.#busy) this.#concluded(translator.failure);
        return;
      case 'session.error':
        // An error before the work began: no status follows it.
        if (event.properties.sessionID === this.#opened.session.id && !this.#busy) this.#concluded(translator.failure);
        return;
    }
  }

  #ask(question: Extract<OpencodeEvent, { type: 'permission.asked' }>['properties']): void {
    const call = question.tool ? this.#calls.running(question.sessionID, question.tool.callID) : undefined;
    if (call) this.#callsByPermission.set(question.id, call);
    const asking = this.#desk?.ask(question, call?.callId ?? null).catch((error: unknown) => this.#fail(error));
    if (asking) this.#track(asking);
  }

  /** A call that failed skips the hook after it; its window is closed here, before its result is recorded. */
  async #closeLeftOpen(result: Extract<RuntimeEvent, { type: 'tool_result' }>): Promise<void> {
    const call = this.#calls.unfinished().find(({ callId, window }) => callId === result.callId && window === 'open');
    if (!call) return;
    const { title, output, metadata } = result;
    await this.#closeWindow(call, {
      status: result.status === 'completed' ? 'completed' : 'error',
      title,
      output,
      metadata,
    });
  }

  /** Records one event, in its turn. */
  #tell(event: RuntimeEvent): Promise<void> {
    this.#told = this.#told.then(() => this.#host.emit(event));
    return this.#told;
  }

  #concluded(problem: RunFailure | null): void {
    if (this.#stopping) this.#end({ status: 'stopped', error: null }, END_GRACE_MS);
    else this.#end(problem ? failure(problem) : { status: 'completed', error: null }, END_GRACE_MS);
  }

  /** Something went wrong on our side, or the host does not want to hear of the run any more. */
  #fail(error: unknown): void {
    this.#unheard ||= SignalboxError.is(error, 'CLAIM_LOST');
    this.#end(failure(error instanceof ZodError ? notUnderstood(error) : this.#hostFailure(error)), 0);
  }

  #hostFailure(error: unknown): RunFailure {
    const name = SignalboxError.is(error) ? error.code : 'HOST_FAILED';
    return { name, message: messageOf(error), retryable: !this.#unheard };
  }

  /** Settles how the run ended; the first word counts. */
  #end(outcome: Pick<RunOutcome, 'status' | 'error'>, graceMs: number): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#released.resolve();
    this.#ending.resolve();
    void this.#tearDown(outcome, graceMs);
  }

  async #tearDown(outcome: Pick<RunOutcome, 'status' | 'error'>, graceMs: number): Promise<void> {
    const opened = this.#opened;
    let final = outcome;
    const end = await opened?.server.process.stop(graceMs);
    await opened?.endpoint.close();
    await opened?.server.drained();
    opened?.server.disconnect();
    try {
      await this.#finishRecord();
    } catch (error) {
      if (final.status === 'completed') final = failure(this.#hostFailure(error));
    }
    const byItself = end?.cause === 'program';
    this.#done.resolve({
      ...final,
      exitCode: byItself ? end.exitCode : null,
      signal: byItself ? end.signal : null,
      result: {
        text: this.#translator?.text ?? '',
        ...this.runtimeSession(),
        tokens: this.#translator?.totals ?? null,
      },
    });
  }

  /** Closes what the end of the run left open, so that every call has its one result. */
  async #finishRecord(): Promise<void> {
    if (this.#unheard) return;
    for (const event of this.#translator?.conclude() ?? []) await this.#tell(event);
    for (const call of this.#calls.unfinished()) {
      const output = 'The run ended before this call did.';
      if (call.window === 'open') await this.#closeWindow(call, { status: 'error', output, title: null, metadata: {} });
      if (call.over) continue;
      call.over = true;
      const { callId, tool } = call;
      // One that was let go may have done what it was to do, or a part of that.
      const status = call.refusal !== null ? 'denied' : call.window === 'none' ? 'error' : 'unknown';
      await this.#tell({
        type: 'tool_result',
        callId,
        tool,
        status,
        output: call.refusal ?? output,
        title: null,
        durationMs: null,
        metadata: {},
      });
    }
    this.#desk?.callsChanged();
    await Promise.allSettled(this.#underway);
    await this.#told;
  }

  /** Counts how long a call waits for the host. */
  async #held<T>(call: TrackedCall | undefined, answer: Promise<T>): Promise<T> {
    const since = this.#clock.monotonic();
    try {
      return await answer;
    } finally {
      if (call) call.heldMs += this.#clock.monotonic() - since;
    }
  }

  /** The host's answer, or `otherwise` as soon as nobody waits for it any more. */
  #orReleased<T, O>(answer: Promise<T>, otherwise: O): Promise<T | O> {
    return Promise.race([answer, this.#released.promise.then(() => otherwise)]);
  }
}

function failure(error: RunFailure): Pick<RunOutcome, 'status' | 'error'> {
  return { status: 'failed', error };
}

function notUnderstood(error: ZodError): RunFailure {
  const message = `OpenCode said something that this version does not understand: ${prettifyError(error)}`;
  return { name: 'OPENCODE_PROTOCOL', message, retryable: false };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

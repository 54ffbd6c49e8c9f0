import { z } from 'zod';

/**
 * The port through which sessions are executed. `packages/runtimes` implements it; core knows no program by name.
 *
 * A run lives from {@link Runtime.start} until {@link RunHandle.done} settles. Whatever happens in between, no process
 * of the run outlives it, and none outlives this process either (design.md §9, guard process).
 */
export const runtimeNameSchema = z.enum(['command', 'opencode', 'claude-code']);
export type RuntimeName = z.infer<typeof runtimeNameSchema>;

/** Whether a runtime can run on this machine; `advice` says what to install or set where it cannot. */
export type RuntimeAvailability =
  | { available: true; version: string | null; detail: string }
  | { available: false; reason: string; advice: string };

export interface RunSpec {
  projectId: string;
  sessionId: string;
  /** 1 for the first run of a session, raised by each retry (ORC-202). */
  attempt: number;
  /** Absolute real path of the directory in which the agent works. */
  workspacePath: string;
  /** What the agent is asked to do; for a continued run the follow-up message. */
  prompt: string;
  /** argv of the `command` runtime; null elsewhere. */
  command: readonly string[] | null;
  /** `provider/model` (ORC-028), or null for the runtime's own default. */
  model: string | null;
  /** Settings of the agent runtime, verbatim except `default_agent`, which is never passed on (design.md §9). */
  agentConfig: Readonly<Record<string, unknown>>;
  /** Added to the run's environment; wins over what is inherited. */
  environment: Readonly<Record<string, string>>;
  /** Limits applied to the whole process tree; null means none. Time is limited by the caller, not here. */
  limits: { cpuCores: number | null; memoryMb: number | null };
  /** The runtime's own session to go on from, with the message after which it is forked; null starts afresh. */
  resumeFrom: RuntimeSessionRef | null;
}

/** How a runtime names its own session, so that a later run can continue or fork it. */
export const runtimeSessionRefSchema = z.object({
  runtimeSessionId: z.string().min(1),
  /** Fork behind this message instead of continuing at the end. */
  messageId: z.string().min(1).nullable(),
});
export type RuntimeSessionRef = z.infer<typeof runtimeSessionRefSchema>;

/** A call of one of the agent's tools, as the runtime reports it. */
export interface ToolCall {
  callId: string;
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
}

export interface ToolResult {
  status: 'completed' | 'error';
  output: string;
  title: string | null;
  metadata: Readonly<Record<string, unknown>>;
}

/** The answer to an awaited hook: go on, or refuse with a reason that the agent is shown. */
export type ToolDecision =
  /** `arguments`, where they are there, take the place of the call's own. */
  { decision: 'allow'; arguments?: Readonly<Record<string, unknown>> } | { decision: 'deny'; reason: string };

export interface PermissionRequest {
  permissionId: string;
  /** What is asked for: `edit`, `bash`, `webfetch`, `external_directory`, … as the runtime names it. */
  kind: string;
  title: string;
  /** Paths or patterns the request is about. */
  patterns: readonly string[];
  callId: string | null;
  metadata: Readonly<Record<string, unknown>>;
}

/** What the runtime may ask of its host. Every call is awaited by the run: that is the back-pressure and the hold. */
export interface RunHost {
  /** Records one event. Resolves when it was accepted; rejects with `CLAIM_LOST` when the run is no longer ours: stop then. */
  emit(event: RuntimeEvent): Promise<void>;
  /** Before a tool call runs: capture, locks and policies decide here. */
  toolBefore(call: ToolCall): Promise<ToolDecision>;
  /** A tool call was answered, but left processes that may go on writing: `toolAfter` comes once these have ended. */
  toolGoesOn(call: ToolCall): Promise<void>;
  /** After a tool call ran, with all that it started: its file changes are attributed here. */
  toolAfter(call: ToolCall, result: ToolResult): Promise<void>;
  /** The runtime asks for a permission on the agent's behalf. */
  permission(request: PermissionRequest): Promise<'allow' | 'deny'>;
}

export interface RunHandle {
  /** Settles once, when the run is over and its process tree is gone. Never rejects. */
  readonly done: Promise<RunOutcome>;
  /** How to continue this run later; null as long as it is not known, or where the runtime cannot continue. */
  runtimeSession(): RuntimeSessionRef | null;
  /** Stops the process tree from running (SIGSTOP to every process of it) until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Asks the run to end, then ends the whole tree after `graceMs`. Resolves when nothing of it is left. Works while paused. */
  stop(graceMs: number): Promise<void>;
  /** What the run used so far: CPU seconds, peak memory in MB; null where it cannot be measured. */
  usage(): Promise<{ cpuSeconds: number | null; peakMemoryMb: number | null }>;
}

export interface RunOutcome {
  status: 'completed' | 'failed' | 'stopped';
  exitCode: number | null;
  signal: string | null;
  /** For `failed`: what went wrong, and whether a retry may help. */
  error: { name: string; message: string; retryable: boolean } | null;
  /** What the runtime wants kept as the session's result. */
  result: Record<string, unknown>;
}

export interface Runtime {
  readonly name: RuntimeName;
  check(): Promise<RuntimeAvailability>;
  /** Starts a run. Rejects with `RUNTIME_UNAVAILABLE` or `RUNTIME_FAILED`; then nothing of it is left behind. */
  start(spec: RunSpec, host: RunHost): Promise<RunHandle>;
  /**
   * Why a later run could not go on from this session of the runtime's own; null where, as far as this node can tell, it
   * could. Left out by runtimes that keep no sessions of their own.
   */
  whySessionGone?(projectId: string, ref: RuntimeSessionRef): Promise<string | null>;
}

const callId = z.string().min(1);

/** What one answer of a model took. */
export const usageEventSchema = z.object({
  type: z.literal('usage'),
  model: z.string().nullable(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  reasoningTokens: z.int().nonnegative(),
  cacheReadTokens: z.int().nonnegative(),
  cacheWriteTokens: z.int().nonnegative(),
  /** US dollars as the runtime reckons them; null where it does not know the price. */
  costUsd: z.number().nonnegative().nullable(),
});

/** What runtimes report. Each variant becomes a journal event of the same `type`. */
export const runtimeEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({
    type: z.literal('message'),
    role: z.enum(['user', 'assistant', 'reasoning', 'system']),
    messageId: z.string().min(1),
    text: z.string(),
    /** False for a streamed piece of the message (`text` is that piece), true for the message as a whole. */
    final: z.boolean(),
  }),
  z.object({
    type: z.literal('tool_call'),
    callId,
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    /** The runtime's own message that the call is part of: a fork behind that one has it. */
    messageId: z.string().min(1).optional(),
  }),
  z.object({
    type: z.literal('tool_result'),
    callId,
    tool: z.string(),
    /** `unknown`: the run ended in the middle of the call, and nobody knows whether it took effect. */
    status: z.enum(['completed', 'error', 'denied', 'unknown']),
    output: z.string(),
    title: z.string().nullable(),
    durationMs: z.number().nonnegative().nullable(),
    metadata: z.record(z.string(), z.unknown()),
  }),
  z.object({
    type: z.literal('permission'),
    permissionId: z.string(),
    kind: z.string(),
    title: z.string(),
    patterns: z.array(z.string()),
    callId: callId.nullable(),
    decision: z.enum(['allow', 'deny']),
    decidedBy: z.string(),
  }),
  usageEventSchema,
  z.object({ type: z.literal('status'), phase: z.string(), detail: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('error'), name: z.string(), message: z.string(), retryable: z.boolean() }),
]);
export type RuntimeEvent = z.infer<typeof runtimeEventSchema>;

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Clock,
  type Ids,
  type RunHandle,
  type RunHost,
  type RunSpec,
  type Runtime,
  type RuntimeAvailability,
  type RuntimeSessionRef,
  SignalboxError,
  systemClock,
  systemIds,
} from '@signalbox/core';
import { z } from 'zod';
import { EndpointRefusal, startTokenEndpoint } from '../loopback/token-endpoint.ts';
import { type FoundProgram, findProgram, inheritedEnvironment, startGuardedProcess } from '../process/index.ts';
import {
  claudeCodeAgentConfigSchema,
  HOOK_PATH,
  OFFLINE_ENVIRONMENT,
  runArguments,
  runSettings,
} from './claude-code-config.ts';
import { ClaudeCodeRun } from './claude-code-run.ts';
import { claudeCodeHookSchema } from './hook-event.ts';
import { configDirectory, whySessionGone } from './session-files.ts';

export interface ClaudeCodeRuntimeOptions {
  /** Absolute directory in which Claude Code's own sessions are kept, a folder per project. Later runs go on from there. */
  stateDir: string;
  /** The program, as a path or a name on the PATH. Default: `claude`. */
  program?: string;
  /** What runs inherit from: it holds the key of the model. Default: this process's environment, without Signalbox's own settings. */
  environment?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  ids?: Ids;
}

const RUNTIME = 'claude-code';
/** The first release whose hooks can refuse a call because nobody could be asked. */
const OLDEST = '2.1.295';
const ADVICE =
  'Install it with `npm install -g @anthropic-ai/claude-code`, or name the program in the setting runtimes.claudeCode.program.';

/**
 * The runtime `claude-code`: runs a session in the real Claude Code program, without a terminal. Each tool call is held by
 * hooks of the run until the host has decided. Its own sessions and settings lie in a directory of the project's, so that no
 * run reads or changes the user's; the key of the model comes from the environment (`ANTHROPIC_API_KEY`,
 * `ANTHROPIC_AUTH_TOKEN`, `CLAUDE_CODE_OAUTH_TOKEN`).
 */
export function createClaudeCodeRuntime(options: ClaudeCodeRuntimeOptions): Runtime {
  return new ClaudeCodeRuntime(options);
}

class ClaudeCodeRuntime implements Runtime {
  readonly name = RUNTIME;
  readonly #options: ClaudeCodeRuntimeOptions;
  readonly #clock: Clock;
  readonly #ids: Ids;
  #found: FoundProgram | null = null;

  constructor(options: ClaudeCodeRuntimeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ids = options.ids ?? systemIds;
  }

  async check(): Promise<RuntimeAvailability> {
    const found = await this.#look();
    return found.found
      ? { available: true, version: found.version, detail: found.path }
      : { available: false, reason: found.reason, advice: found.advice };
  }

  async start(spec: RunSpec, host: RunHost): Promise<RunHandle> {
    const settings = claudeCodeAgentConfigSchema.safeParse(spec.agentConfig);
    if (!settings.success) {
      throw new SignalboxError('VALIDATION_FAILED', { reason: `agentConfig: ${z.prettifyError(settings.error)}` });
    }
    // Found once is enough: should it vanish, starting it says so.
    const program = this.#found?.found ? this.#found : await this.#look();
    if (!program.found) {
      const { reason, advice } = program;
      throw new SignalboxError('RUNTIME_UNAVAILABLE', { runtime: RUNTIME, reason, advice });
    }
    const directory = configDirectory(this.#options.stateDir, spec.projectId);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const run = new ClaudeCodeRun(spec, host, this.#clock);
    const token = this.#ids.secret(32);
    await using undo = new AsyncDisposableStack();
    const endpoint = await startTokenEndpoint(token, async (path, body) => {
      const hook = claudeCodeHookSchema.safeParse(body);
      if (path !== HOOK_PATH || !hook.success) throw new EndpointRefusal(400, 'No hook of a tool call.');
      const event = hook.data;
      switch (event.hook_event_name) {
        case 'PreToolUse':
        case 'PostToolUse':
        case 'PostToolUseFailure':
          return run.hook(event);
        default:
          return {};
      }
    });
    undo.defer(() => endpoint.close());
    // Not on the command line, where everybody could read the token.
    const file = join(directory, `run-${this.#ids.uuid()}.json`);
    await writeFile(file, JSON.stringify(runSettings(endpoint.url, token)), { mode: 0o600 });
    undo.defer(() => rm(file, { force: true }));
    const process = await startGuardedProcess({
      runtime: RUNTIME,
      runId: `${spec.sessionId}.${spec.attempt}`,
      argv: [program.path, ...runArguments(spec, settings.data, file)],
      cwd: spec.workspacePath,
      environment: {
        ...this.#inherited(),
        ...spec.environment,
        ...OFFLINE_ENVIRONMENT,
        CLAUDE_CONFIG_DIR: directory,
      },
      stdin: 'pipe',
      limits: spec.limits,
      adviceIfMissing: ADVICE,
    });
    const cleared = undo.move();
    run.begin(process, () => cleared.disposeAsync());
    return run;
  }

  async whySessionGone(projectId: string, ref: RuntimeSessionRef): Promise<string | null> {
    return whySessionGone(configDirectory(this.#options.stateDir, projectId), ref);
  }

  async #look(): Promise<FoundProgram> {
    const terms = { oldest: OLDEST, advice: ADVICE };
    this.#found = await findProgram(this.#options.program ?? 'claude', this.#inherited(), terms);
    return this.#found;
  }

  /** That we may ourselves have been started by a Claude Code is no business of its runs. */
  #inherited(): Record<string, string> {
    const inherited = Object.entries(inheritedEnvironment(this.#options.environment));
    const own =
      /^(CLAUDECODE|CLAUDE_(PID|CONFIG_DIR|PROJECT_DIR|EFFORT)|CLAUDE_CODE_(SESSION|CHILD|MESSAGING|ENTRYPOINT).*)$/;
    return Object.fromEntries(inherited.filter(([name]) => !own.test(name)));
  }
}

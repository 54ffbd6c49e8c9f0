import { homedir } from 'node:os';
import {
  type Clock,
  type Ids,
  type RunHandle,
  type RunHost,
  type RunSpec,
  type Runtime,
  type RuntimeSessionRef,
  SignalboxError,
  systemClock,
  systemIds,
} from '@signalbox/core';
import { z } from 'zod';
import { inheritedEnvironment } from '../process/index.ts';
import { startHookEndpoint } from './hook-endpoint.ts';
import { modelOf, OFFLINE_ENVIRONMENT, opencodeAgentConfigSchema, opencodeConfig } from './opencode-config.ts';
import { type OpencodeHome, prepareHome, sessionStorage } from './opencode-home.ts';
import { availabilityOf, type FoundProgram, findOpencode } from './opencode-program.ts';
import { OpencodeRun } from './opencode-run.ts';
import { startOpencodeServer } from './opencode-server.ts';
import { openSession } from './opencode-session.ts';
import { whySessionGone } from './session-storage.ts';
import type { SignalboxPluginOptions } from './signalbox-plugin.ts';

export interface OpencodeRuntimeOptions {
  /** Absolute directory in which OpenCode's own sessions are kept, a folder per project. Later runs continue them from there. */
  stateDir: string;
  /** The program, as a path or a name on the PATH. Default: `opencode`. */
  program?: string;
  /** Configuration of OpenCode for every run (providers, models, …); a session's own `agentConfig.opencode` goes over it. */
  config?: Readonly<Record<string, unknown>>;
  /** What runs inherit from. Default: this process's environment, without Signalbox's own settings. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** How long the program may take to come up, and its plugin to report. Default: 120,000 ms. */
  startTimeoutMs?: number;
  clock?: Clock;
  ids?: Ids;
}

/** The plugin's file beside this one, as source or as built; OpenCode loads either. */
const PLUGIN_URL = new URL(
  import.meta.url.endsWith('.ts') ? './signalbox-plugin.ts' : './signalbox-plugin.js',
  import.meta.url,
);
const DEFAULT_START_TIMEOUT_MS = 120_000;

/**
 * The runtime `opencode`: runs a session in the real OpenCode program, one server per run, driven through its SDK. Tool
 * calls are held by a plugin of ours until the host has decided; what the program may do at all is asked of the host too.
 *
 * What it cannot do: a subagent's edits and commands inside the workspace are held like all others, but its permissions
 * are asked of the host only for what lies outside. A shell command that is paused for longer than the time OpenCode gives
 * it is ended when the run goes on. Where a workspace has a folder `.opencode`, OpenCode installs its plugin package there.
 */
export function createOpencodeRuntime(options: OpencodeRuntimeOptions): Runtime {
  return new OpencodeRuntime(options);
}

class OpencodeRuntime implements Runtime {
  readonly name = 'opencode';
  readonly #options: OpencodeRuntimeOptions;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #startTimeoutMs: number;
  #found: FoundProgram | null = null;

  constructor(options: OpencodeRuntimeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ids = options.ids ?? systemIds;
    this.#startTimeoutMs = options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS;
  }

  async check() {
    return availabilityOf(await this.#look());
  }

  async start(spec: RunSpec, host: RunHost): Promise<RunHandle> {
    const settings = readSettings(spec);
    // Found once is enough: should it vanish, starting it says so.
    const program = this.#found?.found ? this.#found : await this.#look();
    if (!program.found) {
      const { reason, advice } = program;
      throw new SignalboxError('RUNTIME_UNAVAILABLE', { runtime: 'opencode', reason, advice });
    }
    const home = await prepareHome(this.#options.stateDir, spec.projectId);
    const run = new OpencodeRun(spec, host, this.#clock);
    const token = this.#ids.secret(32);
    const inherited = this.#inherited();
    await using undo = new AsyncDisposableStack();
    const endpoint = await startHookEndpoint(token, run);
    undo.defer(() => endpoint.close());

    const plugin = {
      url: endpoint.url,
      token,
      shellEnvironment: shellEnvironment({ ...inherited, ...spec.environment }, home),
    };
    const config = opencodeConfig(this.#options.config ?? {}, settings.opencode ?? {}, [
      PLUGIN_URL.href,
      { ...plugin } satisfies SignalboxPluginOptions,
    ]);
    const server = await startOpencodeServer({
      spec,
      program: program.path,
      environment: {
        ...inherited,
        ...spec.environment,
        ...OFFLINE_ENVIRONMENT,
        ...home.environment,
        OPENCODE_CONFIG_CONTENT: JSON.stringify(config),
      },
      password: this.#ids.secret(32),
      clock: this.#clock,
      startTimeoutMs: this.#startTimeoutMs,
      onOutput: (stream, line) => run.printed(stream, line),
    });
    undo.defer(() => server.disconnect());
    undo.defer(async () => {
      await server.process.stop(0);
    });

    // The first subscription makes OpenCode load the workspace, and our plugin with it.
    const events = await this.#inTime('its event stream did not open', server.events());
    // Without the plugin inside nothing would be held: then nothing is run.
    await this.#inTime('the plugin that controls its tool calls did not report', run.pluginReady);
    const session = await openSession({
      client: server.client,
      workspacePath: spec.workspacePath,
      prompt: spec.prompt,
      settings,
      resumeFrom: spec.resumeFrom,
      ownDirectory: home.directory,
    });
    await run.begin({ server, events, endpoint, session, settings });
    undo.move();
    return run;
  }

  async whySessionGone(projectId: string, ref: RuntimeSessionRef): Promise<string | null> {
    return whySessionGone(sessionStorage(this.#options.stateDir, projectId), ref);
  }

  async #look(): Promise<FoundProgram> {
    this.#found = await findOpencode(this.#options.program ?? 'opencode', this.#inherited());
    return this.#found;
  }

  /** What the user set for an OpenCode of their own (configuration, database, permissions) does not hold for runs. */
  #inherited(): Record<string, string> {
    const inherited = Object.entries(inheritedEnvironment(this.#options.environment));
    return Object.fromEntries(inherited.filter(([name]) => !name.startsWith('OPENCODE')));
  }

  async #inTime<T>(otherwise: string, awaited: Promise<T>): Promise<T> {
    const noWait = new AbortController();
    const late = Promise.withResolvers<never>();
    void this.#clock.sleep(this.#startTimeoutMs, noWait.signal).then(() => {
      const reason = `${otherwise} within ${this.#startTimeoutMs} ms`;
      late.reject(new SignalboxError('RUNTIME_FAILED', { runtime: 'opencode', reason }));
    });
    try {
      return await Promise.race([awaited, late.promise]);
    } finally {
      noWait.abort();
    }
  }
}

function readSettings(spec: RunSpec) {
  const settings = opencodeAgentConfigSchema.safeParse(spec.agentConfig);
  if (!settings.success) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: `agentConfig: ${z.prettifyError(settings.error)}` });
  }
  if (spec.model !== null && !modelOf(spec)) {
    throw new SignalboxError('VALIDATION_FAILED', {
      reason: `model: "${spec.model}" is not of the form provider/model`,
    });
  }
  return settings.data;
}

/**
 * Gives the agent's shells the user's own directories back, which OpenCode itself must not touch, and takes from them what
 * would let them speak to OpenCode in our name, or show up in the record by a mere `env`.
 */
function shellEnvironment(outside: Readonly<Record<string, string>>, home: OpencodeHome): Record<string, string> {
  const own = Object.keys(home.environment).map((name) => [name, outside[name] ?? (name === 'HOME' ? homedir() : '')]);
  return { ...Object.fromEntries(own), OPENCODE_CONFIG_CONTENT: '', OPENCODE_SERVER_PASSWORD: '' };
}

import type { CreateSession } from '@signalbox/client';
import { UsageError } from '../usage-error.ts';

export interface RunOptions {
  runtime?: 'command' | 'opencode' | 'claude-code';
  title?: string;
  workspace?: string;
  model?: string;
  agentConfig?: Record<string, unknown>;
  /** Seconds. */
  maxDuration?: number;
  cpu?: number;
  memory?: number;
  tag?: string[];
  claim?: string[];
  ifClaimed?: 'wait' | 'refuse' | 'warn';
  isolation?: 'shared' | 'worktree';
  parent?: string;
  detach?: boolean;
}

const LONGEST_TITLE = 80;

/**
 * The session that a command line asks for, without its workspace.
 * @param words the prompt, or the argv of the command.
 * @param asCommand whether they stood behind `--`, which makes them a command where no runtime is named.
 * @throws UsageError when there is nothing to run.
 */
export function sessionFromCommandLine(
  words: readonly string[],
  options: RunOptions,
  asCommand: boolean,
): CreateSession {
  const runtime = options.runtime ?? (asCommand ? 'command' : 'opencode');
  const said = words.join(' ').trim();
  if (said === '') {
    throw new UsageError('Say what to run: `signalbox run -- npm test`, or a prompt with --runtime opencode.');
  }
  return {
    title: options.title ?? titleFrom(said),
    initialPrompt: said,
    runtime,
    command: runtime === 'command' ? [...words] : null,
    modelConfig: options.model ?? null,
    tags: options.tag ?? [],
    parentId: options.parent ?? null,
    isolation: options.isolation ?? 'shared',
    paths: options.claim ?? [],
    pathPolicy: options.ifClaimed === undefined ? null : { conflict: options.ifClaimed },
    ...(options.agentConfig === undefined
      ? {}
      : { agentConfig: options.agentConfig as NonNullable<CreateSession['agentConfig']> }),
    limits: {
      ...(options.maxDuration === undefined ? {} : { maxDurationSeconds: options.maxDuration }),
      ...(options.cpu === undefined ? {} : { cpuLimit: options.cpu }),
      ...(options.memory === undefined ? {} : { memoryLimitMb: options.memory }),
    },
  };
}

function titleFrom(said: string): string {
  const line = said.replace(/\s+/g, ' ');
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 1)}…`;
}

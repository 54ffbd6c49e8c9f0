import type { Io } from '../io.ts';
import { claudeCodeOutput, GATED_EVENT } from './claude-code-output.ts';
import type { Verdict } from './run-hook.ts';

type Event = Record<string, unknown>;

/** What hooks have to know of an agent that runs them. */
interface HookedAgent {
  /** Whether it holds a tool call up until the event is answered. */
  isGated(event: Event): boolean;
  /** The answer, in the words that it understands. */
  output(verdict: Verdict): string;
  /** The directory that it was started in, where the event does not say. */
  directory(env: Io['env']): string | undefined;
}

export type HookedAgentName = 'claude-code' | 'opencode';

export const HOOKED_AGENTS: Readonly<Record<HookedAgentName, HookedAgent>> = {
  'claude-code': {
    isGated: (event) => event.hook_event_name === GATED_EVENT,
    output: claudeCodeOutput,
    directory: (env) => env.CLAUDE_PROJECT_DIR,
  },
  // Our own plugin inside of it, which understands our words.
  opencode: {
    isGated: ({ event }) =>
      typeof event === 'object' && event !== null && 'type' in event && event.type === 'tool_before',
    output: (verdict) => (verdict.decision === 'none' ? '' : `${JSON.stringify(verdict)}\n`),
    directory: () => undefined,
  },
};

export function isHookedAgent(name: string): name is HookedAgentName {
  return Object.hasOwn(HOOKED_AGENTS, name);
}

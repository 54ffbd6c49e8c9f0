import type { Io } from '../io.ts';
import { serverUrl } from '../server-url.ts';
import { type HookedAgentName, isHookedAgent } from './hooked-agents.ts';

/** What the command line of a hook says. */
export interface HookOptions {
  source: HookedAgentName;
  url: string;
  project: string | undefined;
  token: string | undefined;
  actor: string;
  /** Seconds for which a call waits for people: ten less than the time that the agent gives its hook. */
  waitSeconds: number;
}

const DEFAULT_WAIT_SECONDS = 590;
const VALUES = ['--url', '--project', '--token', '--actor', '--wait'];

/** Reads it without the parser of the program, whose loading would take longer than all the rest. Null where it is not right. */
export function hookOptions(argv: readonly string[], env: Io['env']): HookOptions | null {
  const values = new Map<string, string>();
  let source: HookedAgentName | null = null;
  for (let at = 0; at < argv.length; at += 1) {
    const [name = '', inline] = (argv[at] as string).split(/=(.*)/s);
    if (VALUES.includes(name)) {
      const value = inline ?? argv[at + 1];
      if (value === undefined) return null;
      if (inline === undefined) at += 1;
      values.set(name, value);
    } else if (source === null && isHookedAgent(name)) source = name;
    else return null;
  }
  const waitSeconds = Number(values.get('--wait') ?? DEFAULT_WAIT_SECONDS);
  if (source === null || !Number.isFinite(waitSeconds) || waitSeconds < 0) return null;
  return {
    source,
    url: values.get('--url') ?? serverUrl(env),
    project: values.get('--project') ?? env.SIGNALBOX_PROJECT,
    token: values.get('--token') ?? env.SIGNALBOX_TOKEN,
    // The agent acts, not its person, who may well be the one to approve.
    actor: values.get('--actor') ?? env.SIGNALBOX_ACTOR ?? source,
    waitSeconds,
  };
}

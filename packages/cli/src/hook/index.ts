import { randomUUID } from 'node:crypto';
import type { Io } from '../io.ts';
import { claudeCodeOutput, GATED_EVENT } from './claude-code-output.ts';
import { hookOptions } from './hook-options.ts';
import { hookPlace } from './hook-place.ts';
import { runHook } from './run-hook.ts';

const DONE = 0;
const WRONG_USAGE = 1;
const USAGE = 'usage: signalbox hook claude-code [--url <url>] [--project <slug>] [--wait <seconds>]\n';

/**
 * `signalbox hook`: what agents of people run at each of their events, with the event on standard input. It imports little,
 * since a person waits for it. Whatever goes wrong here never stops an agent: only a refusal does, in the agent's own words.
 * @returns the exit code
 */
export async function hook(argv: readonly string[], io: Io): Promise<number> {
  const options = hookOptions(argv, io.env);
  if (options === null) {
    io.stderr.write(USAGE);
    return WRONG_USAGE;
  }
  // A run of ours reports by itself.
  if (io.env.SIGNALBOX_RUN_ID) return DONE;
  try {
    const event = await readEvent(io);
    const gated = event.hook_event_name === GATED_EVENT;
    const verdict = await runHook(
      {
        options,
        place: hookPlace(io.env, options.url, options.project),
        now: () => performance.timeOrigin + performance.now(),
        uuid: randomUUID,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        warn: (text) => io.stderr.write(`${text}\n`),
      },
      event,
      { gated, directory: io.env.CLAUDE_PROJECT_DIR },
    );
    io.stdout.write(claudeCodeOutput(verdict));
    return DONE;
  } catch (error) {
    io.stderr.write(`signalbox hook: ${error instanceof Error ? error.message : String(error)}\n`);
    return WRONG_USAGE;
  }
}

/** Text that no database holds is not worth losing an event for, let alone letting a call pass. */
function storable(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined;
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd').toWellFormed() : value;
}

async function readEvent(io: Io): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin as AsyncIterable<Buffer | string>) chunks.push(Buffer.from(chunk));
  const event: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'), storable);
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new Error('the event on standard input is no JSON object');
  return event as Record<string, unknown>;
}

import { randomUUID } from 'node:crypto';
import type { Io } from '../io.ts';
import { hookOptions } from './hook-options.ts';
import { hookPlace } from './hook-place.ts';
import { HOOKED_AGENTS } from './hooked-agents.ts';
import { runHook } from './run-hook.ts';

const DONE = 0;
const WRONG_USAGE = 1;
const USAGE = 'usage: signalbox hook claude-code|opencode [--url <url>] [--project <slug>] [--wait <seconds>]\n';

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
  const agent = HOOKED_AGENTS[options.source];
  try {
    for (const event of await readEvents(io)) {
      const verdict = await runHook(
        {
          options,
          place: hookPlace(io.env, options.url, options.project),
          now: () => performance.timeOrigin + performance.now(),
          uuid: randomUUID,
          sleep,
          warn: (text) => io.stderr.write(`${text}\n`),
        },
        event,
        { gated: agent.isGated(event), directory: agent.directory(io.env) },
      );
      const answer = agent.output(verdict);
      // Whoever started it may have ended meanwhile, and then even a write of nothing fails.
      if (answer !== '') io.stdout.write(answer);
      // By their times those that have to be told later are kept in order.
      await sleep(1);
    }
    return DONE;
  } catch (error) {
    io.stderr.write(`signalbox hook: ${error instanceof Error ? error.message : String(error)}\n`);
    return WRONG_USAGE;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Text that no database holds is not worth losing an event for, let alone letting a call pass. */
function storable(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined;
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd').toWellFormed() : value;
}

/** One event, or several, each on a line of its own. */
async function readEvents(io: Io): Promise<Record<string, unknown>[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin as AsyncIterable<Buffer | string>) chunks.push(Buffer.from(chunk));
  return eventsIn(Buffer.concat(chunks).toString('utf8')).map((event) => {
    if (typeof event !== 'object' || event === null || Array.isArray(event))
      throw new Error('the event on standard input is no JSON object');
    return event as Record<string, unknown>;
  });
}

function eventsIn(text: string): unknown[] {
  try {
    return [JSON.parse(text, storable)];
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) throw error;
    return lines.map((line) => JSON.parse(line, storable) as unknown);
  }
}

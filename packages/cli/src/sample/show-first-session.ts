import { ApiError, type Client, type JournalEvent } from '@signalbox/client';
import type { Output } from '../output/output.ts';
import { statusColour } from '../output/status-colour.ts';
import { DEFAULT_URL } from '../server-url.ts';
import { runFirstSession } from './first-session.ts';

/** Runs the sample session where it has not been run yet, prints its progress, and says what to try next. */
export async function showFirstSession(
  client: Client,
  dataDir: string,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  try {
    const session = await runFirstSession(
      client,
      dataDir,
      {
        started: ({ title }) => out.line(`\nThe sample session: ${out.style('bold', title)}`),
        event: (event) => out.raw(indented(event, out)),
      },
      signal,
    );
    if (session !== null) {
      out.line(
        `  session ${out.style(statusColour(session.status), session.status)}, recorded in ${session.lastSeq} events`,
      );
      out.line(`  ${client.baseUrl}/sessions/${session.id}`);
    }
  } catch (error) {
    if (signal.aborted) return;
    // The server is worth more than its sample: without a key, say, it goes on all the same.
    const reason = ApiError.is(error) && error.status === 401 ? 'it needs a key in SIGNALBOX_TOKEN' : String(error);
    out.note(`The sample session was not run: ${reason}`);
  }
  if (!signal.aborted) sayWhatToTry(client.baseUrl, out);
}

/** What the sample's program printed, set off from what we say ourselves. */
function indented(event: JournalEvent, out: Output): string {
  const payload = event.payload as { text?: unknown; path?: unknown } | null;
  if (event.type === 'file_change' && typeof payload?.path === 'string') {
    return out.style('yellow', `  ± changed ${payload.path}\n`);
  }
  if (event.type !== 'output' || typeof payload?.text !== 'string') return '';
  return payload.text.replace(/^(?=.)/gm, out.style('dim', '  │ '));
}

function sayWhatToTry(baseUrl: string, out: Output): void {
  const place = baseUrl === DEFAULT_URL ? '' : ` --url ${baseUrl}`;
  out.line(`\nOpen the dashboard at ${out.style('bold', baseUrl)}, or try in another terminal:`);
  out.line(`  npx signalbox sessions list${place}`);
  out.line(`  npx signalbox sessions tail last${place}`);
  out.line(`  npx signalbox run${place} -- npm --version`);
  out.line(out.style('dim', 'Ctrl-C stops it; everything is kept.'));
}

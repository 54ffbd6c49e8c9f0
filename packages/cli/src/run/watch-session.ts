import type { Client, Session } from '@signalbox/client';
import type { Io } from '../io.ts';
import { EventPrinter } from '../journal-lines/event-printer.ts';
import { errorText } from '../output/error-text.ts';
import type { Output } from '../output/output.ts';
import { statusColour } from '../output/status-colour.ts';
import { styleFor } from '../output/style.ts';
import { Interruption } from './interruption.ts';

/**
 * Prints a session's journal until it ends, and how it ended. An interruption cancels the session, once confirmed.
 * @returns the session as it ended; null when it was left to go on by itself.
 */
export async function watchSession(client: Client, session: Session, io: Io, out: Output): Promise<Session | null> {
  const printer = new EventPrinter(io, out);
  const style = styleFor(io.stderr, io.env);
  const detached = new AbortController();
  printer.remark(style('dim', `session ${session.id}  ${client.baseUrl}/sessions/${session.id}`));

  const interruption = new Interruption(io, {
    remark: (text) => printer.remark(text),
    cancel: async () => {
      await client.sessions.cancel(session.id);
    },
    detach: () => detached.abort(),
  });
  try {
    const events = client.journal.tail(session.id, {
      signal: detached.signal,
      onEvent: (event) => printer.stream(event),
    });
    for await (const event of events) printer.print(event);
  } catch (error) {
    if (!detached.signal.aborted) throw error;
  } finally {
    interruption.dispose();
  }
  if (detached.signal.aborted) {
    printer.remark(`The session goes on; watch it with \`signalbox sessions tail ${session.id}\`.`);
    return null;
  }
  const ended = await client.sessions.get(session.id, ['metrics']);
  printer.session(ended);
  const error = errorText(ended.metrics?.error);
  if (error !== null) printer.remark(style('red', error));
  printer.remark(style(statusColour(ended.status), `session ${ended.status}`));
  return ended;
}

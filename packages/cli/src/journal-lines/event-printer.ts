import type { JournalEvent, Session, StreamEvent } from '@signalbox/client';
import type { Io } from '../io.ts';
import { oneLine } from '../output/display-width.ts';
import type { Output } from '../output/output.ts';
import { type Style, styleFor } from '../output/style.ts';
import { formatClock } from '../output/time.ts';
import { eventLine } from './event-line.ts';

/**
 * Prints journal events as they come. For people: what the session's program wrote to stdout and stderr goes to ours as it
 * is, so that `signalbox run -- npm test` reads and pipes like `npm test`; everything else is a line on stderr. For
 * programs (`--json`): one line `{"event": …}` each.
 */
export class EventPrinter {
  readonly #io: Io;
  readonly #out: Output;
  readonly #style: Style;
  #lineOpen = false;
  #lost = false;

  constructor(io: Io, out: Output) {
    this.#io = io;
    this.#out = out;
    this.#style = styleFor(io.stderr, io.env);
  }

  print(event: JournalEvent): void {
    if (this.#out.json) {
      this.#out.record({ event });
      return;
    }
    const payload = event.payload as { text?: unknown; stream?: unknown; role?: unknown } | null;
    if (event.type === 'output' && typeof payload?.text === 'string') {
      this.#raw(payload.text, payload.stream === 'stderr' ? 'stderr' : 'stdout');
    } else if (event.type === 'message' && typeof payload?.text === 'string') {
      this.#message(typeof payload.role === 'string' ? payload.role : 'message', payload.text);
    } else {
      const { mark, text, colour } = eventLine(event);
      this.remark(`${this.#style('dim', formatClock(event.occurredAt))} ${this.#style(colour, `${mark} ${text}`)}`);
    }
  }

  /** What the stream tells besides the journal: a lost connection and its return. */
  stream(event: StreamEvent): void {
    if (event.type === 'lost') {
      if (!this.#lost) this.remark(this.#style('yellow', 'The connection to the server is lost; waiting for it…'));
      this.#lost = true;
    } else if (event.type === 'open' && this.#lost) {
      this.#lost = false;
      this.remark(this.#style('green', 'Connected again.'));
    }
  }

  /** The session at the end, for programs. */
  session(session: Session): void {
    this.#out.record({ session });
  }

  /** A line of our own on stderr, never in the middle of one of the program's. */
  remark(text: string): void {
    if (this.#out.json) return;
    this.#io.stderr.write(`${this.#lineOpen ? '\n' : ''}${text}\n`);
    this.#lineOpen = false;
  }

  #raw(text: string, stream: 'stdout' | 'stderr'): void {
    if (text === '') return;
    this.#io[stream].write(text);
    this.#lineOpen = !text.endsWith('\n');
  }

  #message(role: string, text: string): void {
    if (role === 'assistant') this.#raw(text.endsWith('\n') ? text : `${text}\n`, 'stdout');
    else this.remark(this.#style('dim', `${role}: ${oneLine(text)}`));
  }
}

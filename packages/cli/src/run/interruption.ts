import { createInterface, type Interface } from 'node:readline';
import type { Io } from '../io.ts';

export interface InterruptionHost {
  remark(text: string): void;
  /** Ends the session. */
  cancel(): Promise<void>;
  /** Leaves the session alone and stops watching. */
  detach(): void;
}

/**
 * What Ctrl-C means while a session is watched. On a terminal the first one asks; a second one, or yes, cancels. Without
 * a terminal there is nobody to ask: SIGINT cancels, as SIGTERM does everywhere.
 */
export class Interruption {
  readonly #io: Io;
  readonly #host: InterruptionHost;
  #question: Interface | null = null;
  #cancelling = false;
  readonly #onInterrupt = () => this.#interrupted();
  readonly #onTerminate = () => this.#cancel();

  constructor(io: Io, host: InterruptionHost) {
    this.#io = io;
    this.#host = host;
    io.on('SIGINT', this.#onInterrupt);
    io.on('SIGTERM', this.#onTerminate);
  }

  dispose(): void {
    this.#io.off('SIGINT', this.#onInterrupt);
    this.#io.off('SIGTERM', this.#onTerminate);
    this.#question?.close();
  }

  #interrupted(): void {
    if (this.#question !== null || !this.#io.stdin.isTTY) {
      this.#cancel();
      return;
    }
    const question = createInterface({ input: this.#io.stdin, output: this.#io.stderr });
    this.#question = question;
    // In raw mode Ctrl-C is a key and reaches readline instead of the process.
    question.on('SIGINT', () => {
      this.#io.stderr.write('\n');
      this.#cancel();
    });
    this.#host.remark('');
    question.question('Cancel the session? [y]es, [n]o, [d]etach and let it go on: ', (answer) => {
      question.close();
      this.#question = null;
      if (/^y/i.test(answer)) this.#cancel();
      else if (/^d/i.test(answer)) this.#host.detach();
    });
  }

  #cancel(): void {
    this.#question?.close();
    this.#question = null;
    if (this.#cancelling) return;
    this.#cancelling = true;
    this.#host.remark('Cancelling…');
    this.#host.cancel().catch((error: unknown) => {
      // A session that ended by itself meanwhile needs no cancelling; the tail is about to say so.
      this.#cancelling = false;
      this.#host.remark(error instanceof Error ? error.message : String(error));
    });
  }
}

/** One server-sent event (WHATWG HTML, "server-sent events"). */
export interface SseMessage {
  /** `message` where the server named none. */
  event: string;
  /** Only where the server sent one with this event. */
  id?: string;
  data: string;
}

/**
 * Puts a stream of text together into server-sent events, wherever the pieces are cut. Our own, since the usual package
 * offers its TypeScript under the export condition that this repository runs its sources with, which Node refuses there.
 */
export class SseParser {
  /** The line that has not ended yet. */
  #rest = '';
  /** The last piece ended in CR: an LF at the beginning of the next one belongs to it. */
  #afterCarriageReturn = false;
  #event = '';
  #id: string | undefined;
  #data: string[] = [];

  /** The events that this piece completes. */
  feed(piece: string): SseMessage[] {
    if (piece === '') return [];
    const text = this.#rest + (this.#afterCarriageReturn && piece.startsWith('\n') ? piece.slice(1) : piece);
    this.#afterCarriageReturn = piece.endsWith('\r');
    const lines = text.split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => (line === '' ? this.#dispatch() : this.#field(line)));
  }

  #field(line: string): [] {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    return [];
  }

  #dispatch(): SseMessage[] {
    const message: SseMessage = {
      event: this.#event || 'message',
      ...(this.#id === undefined ? {} : { id: this.#id }),
      data: this.#data.join('\n'),
    };
    const complete = this.#data.length > 0;
    this.#event = '';
    this.#id = undefined;
    this.#data = [];
    return complete ? [message] : [];
  }
}

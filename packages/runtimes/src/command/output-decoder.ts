/** Stands for what is no text: bytes that are not UTF-8, and NUL, which PostgreSQL does not store. */
const REPLACEMENT = '\uFFFD';

/** Turns a stream of bytes into text. A character cut in two by the border of chunks comes out whole with the later one. */
export class OutputDecoder {
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

  /** The text that is complete so far; may be empty. */
  decode(chunk: Uint8Array): string {
    return withoutNul(this.#decoder.decode(chunk, { stream: true }));
  }

  /** What remains at the end of the stream: a replacement character for a character cut off, else nothing. */
  end(): string {
    return withoutNul(this.#decoder.decode());
  }
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', REPLACEMENT);
}

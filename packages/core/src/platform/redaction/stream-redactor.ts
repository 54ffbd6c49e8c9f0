import type { KnownValues } from './known-values.ts';

/** Most characters that are held back; a word that is longer goes on its way, its beginning looked at. */
const MAX_HELD = 8_192;
/** What before a word may make it a secret: `Bearer x`, `PASSWORD= x`, `"token": "x`. */
const WORD_FOLLOWS = /(?:\b(?:Bearer|Basic)\s+|[\w-]{1,80}\\?["']?\s?[=:]\s?\\?["']?)$/i;
const KEY_BEGINS = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/g;
const WHOLE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?-----END [A-Z ]{0,40}PRIVATE KEY-----/g;
const KEY_ENDS = /-----END [A-Z ]{0,40}PRIVATE KEY-----/;
/** A beginning of {@link KEY_BEGINS} at the end of the text; it holds spaces, which end other secrets. */
const KEY_MAY_BEGIN = /-----B(?:E(?:G(?:I(?:N(?: [A-Z ]{0,60}-{0,4})?)?)?)?)?$/;
/** More characters than the beginning or the end line of a key has. */
const KEY_LINE = 120;
/** Of a secret that is too long to be held back, what follows. */
const REST_OF_TOKEN = /^[\w.~+/=-]*/;

/**
 * Takes secrets out of text that arrives in pieces. What may be the beginning of a secret is held back until it is known:
 * the last word, an open private key, the beginning of a known value. What `push` and `end` answer is the whole text
 * redacted, except that of words of over 8,192 characters only the beginning is looked at.
 */
export class StreamRedactor {
  readonly #redact: (text: string) => string;
  readonly #known: KnownValues;
  #held = '';
  /** What is left out until it has ended: a private key's body, or a token that was too long to be held. */
  #leavingOut: 'key' | 'token' | null = null;

  constructor(redact: (text: string) => string, known: KnownValues) {
    this.#redact = redact;
    this.#known = known;
  }

  /** Answers what can be told by now; may be empty. */
  push(piece: string): string {
    const text = this.#behindSecret(this.#held + piece);
    if (text === null) return '';
    const key = openKey(text);
    if (key !== -1) {
      this.#leavingOut = 'key';
      this.#held = text.slice(Math.max(key, text.length - KEY_LINE));
      return this.#redact(text);
    }
    const cut = this.#safeCut(text);
    if (text.length - cut <= MAX_HELD) {
      this.#held = text.slice(cut);
      return this.#redact(text.slice(0, cut));
    }
    this.#held = '';
    const clean = this.#redact(text);
    if (!clean.endsWith(text.slice(-1))) this.#leavingOut = 'token';
    return clean;
  }

  /** What was held back; the stream may go on after it. */
  end(): string {
    const text = this.#leavingOut === null ? this.#held : '';
    this.#held = '';
    this.#leavingOut = null;
    return this.#redact(text);
  }

  /** The text that comes after what is left out; null while that has not ended. */
  #behindSecret(text: string): string | null {
    if (this.#leavingOut === null) return text;
    if (this.#leavingOut === 'token') {
      const rest = text.replace(REST_OF_TOKEN, '');
      if (rest === '') return null;
      this.#leavingOut = null;
      return rest;
    }
    const end = KEY_ENDS.exec(text);
    if (!end) {
      this.#held = text.slice(-KEY_LINE);
      return null;
    }
    this.#leavingOut = null;
    return text.slice(end.index + end[0].length);
  }

  #safeCut(text: string): number {
    let word = text.length;
    while (word > 0 && text.length - word <= MAX_HELD && !/\s/.test(text.charAt(word - 1))) word -= 1;
    const before = text.slice(Math.max(0, word - KEY_LINE), word);
    const follows = WORD_FOLLOWS.exec(before)?.[0].length ?? 0;
    const key = KEY_MAY_BEGIN.exec(text.slice(-KEY_LINE))?.[0].length ?? 0;
    const open = Math.max(key, this.#known.openEnding(text));
    return this.#beforeSecret(text, Math.min(word - follows, text.length - open));
  }

  /** A cut must not go through what is whole already: the pieces would not be known. */
  #beforeSecret(text: string, cut: number): number {
    let before = cut;
    for (const { index, 0: key } of text.matchAll(WHOLE_KEY)) {
      if (index < before && index + key.length > before) before = index;
    }
    const start = this.#known.startAround(text, before);
    return start < before ? this.#beforeSecret(text, start) : before;
  }
}

/** Where a private key begins that does not end; -1 when none does. */
function openKey(text: string): number {
  const last = [...text.matchAll(KEY_BEGINS)].at(-1);
  return last && !KEY_ENDS.test(text.slice(last.index)) ? last.index : -1;
}

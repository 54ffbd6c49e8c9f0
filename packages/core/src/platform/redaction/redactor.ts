import { KnownValues } from './known-values.ts';
import { isSecretName } from './secret-names.ts';
import { StreamRedactor } from './stream-redactor.ts';
import { SUSPICIOUS, TOKEN_SHAPES } from './token-shapes.ts';

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/**
 * Takes secrets out of what is written and shown: values that are known to be secret, what looks like a secret
 * ({@link TOKEN_SHAPES}), and in {@link value} all text under a secret name. Redacting twice is redacting once.
 */
export class Redactor {
  readonly #known = new KnownValues();

  /** From now on this value is a secret, wherever it stands. Values of fewer than 8 characters are not taken. */
  register(value: string): void {
    this.#known.add(value);
  }

  /** {@link register} for variables with secret names, and for the passwords of addresses in others. */
  registerEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
    this.#known.addEnvironment(environment);
  }

  /** The text with every secret replaced by {@link REDACTED}. */
  text(text: string): string {
    let clean = text;
    // A value that is known goes first: its looks may be those of less than the whole.
    for (const form of this.#known.forms) if (clean.includes(form)) clean = clean.replaceAll(form, REDACTED);
    if (SUSPICIOUS.test(clean)) for (const shape of TOKEN_SHAPES) clean = clean.replace(shape, `$1${REDACTED}`);
    return clean;
  }

  /** The path and query of an address as it came, without the parts that hold a secret, encoded as they are. */
  url(url: string): string {
    return url
      .split(/([/?&=])/)
      .map((part) => (this.text(decoded(part)) === decoded(part) ? part : REDACTED))
      .join('');
  }

  /**
   * A copy of a JSON value without its secrets, all text under a secret name included. Numbers and booleans stay
   * (`totalTokens: 12` tells nothing). Use it before anything goes to journal, log or audit.
   */
  value<T>(value: T): T {
    return this.#clean(value, (name) => isSecretName(name), false) as T;
  }

  /** {@link value} for one whose JSON text is at hand: values without a suspicious word are not copied. */
  serialised<T>(value: T, text: string): T {
    return this.#mayHold(text) ? this.value(value) : value;
  }

  /**
   * A copy of a JSON value without its secrets, but with the text under secret names: for what programs work with
   * (results, fields of nouns), where a name alone is no reason to lose the value.
   */
  plain<T>(value: T): T {
    return this.#clean(value, () => false, false) as T;
  }

  /** {@link plain} from JSON text to JSON text. */
  json(text: string): string {
    return this.#mayHold(text) ? JSON.stringify(this.plain(JSON.parse(text))) : text;
  }

  /** For text that arrives in pieces: a secret that is cut in two is found. */
  stream(): StreamRedactor {
    return new StreamRedactor((text) => this.text(text), this.#known);
  }

  #mayHold(text: string): boolean {
    return SUSPICIOUS.test(text) || this.#known.isIn(text);
  }

  #clean(value: unknown, isSecret: (name: string) => boolean, secret: boolean): unknown {
    if (typeof value === 'string') return secret && value !== '' ? REDACTED : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#clean(item, isSecret, secret));
    if (typeof value !== 'object' || value === null) return value;
    if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        this.text(name),
        this.#clean(item, isSecret, secret || isSecret(name)),
      ]),
    );
  }
}

/** What is encoded wrongly is looked at as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    return part;
  }
}

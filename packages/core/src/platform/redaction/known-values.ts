import { isSecretVariable } from './secret-names.ts';

/** Shorter values stand in too many texts by chance (`TOKEN=true`). */
const MIN_LENGTH = 8;
/** Words that variables with secret names are set to where there is nothing to hide. */
const PLACEHOLDER = /^(?:changeme|(?:un)?defined|disabled|required|optional)$/i;

/** Values that are known to be secret, in all the forms in which they may be written. */
export class KnownValues {
  readonly #forms = new Set<string>();
  /** Longest first: a value may hold another. */
  #sorted: readonly string[] = [];

  /** All forms, longest first. */
  get forms(): readonly string[] {
    return this.#sorted;
  }

  /** Values of fewer than 8 characters are not taken. */
  add(value: string): void {
    const size = this.#forms.size;
    for (const form of formsOf(value)) this.#forms.add(form);
    if (this.#forms.size > size) this.#sorted = [...this.#forms].sort((one, other) => other.length - one.length);
  }

  /** Takes the values of variables with secret names, and the passwords of addresses in any other. */
  addEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value = ''] of Object.entries(environment)) {
      if (isSecretVariable(name)) this.add(value);
      const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@]*?:([^\s/]+)@/i.exec(value)?.[1];
      if (password) this.add(password);
    }
  }

  isIn(text: string): boolean {
    for (const form of this.#sorted) if (text.includes(form)) return true;
    return false;
  }

  /** Where the first value begins that a cut at this place would go through; the place itself where none is. */
  startAround(text: string, place: number): number {
    let first = place;
    for (const form of this.#sorted) {
      const found = text.indexOf(form, Math.max(0, place - form.length + 1));
      if (found !== -1 && found < first) first = found;
    }
    return first;
  }

  /** How long an ending of the text is that may be the beginning of a value; 0 when none is. */
  openEnding(text: string): number {
    let longest = 0;
    for (const form of this.#sorted) {
      for (let length = Math.min(form.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(form.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}

/** A value as it is, in JSON, in URLs and in base64; of several lines each long one too, since output comes by lines. */
function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const parts = lines.length > 1 ? [value.trim(), ...lines.filter((line) => line.length >= 2 * MIN_LENGTH)] : lines;
  return parts
    .filter((part) => part.length >= MIN_LENGTH && !PLACEHOLDER.test(part))
    .flatMap((part) => [
      part,
      JSON.stringify(part).slice(1, -1),
      encodeURIComponent(part.toWellFormed()),
      Buffer.from(part).toString('base64').replace(/=+$/, ''),
    ]);
}

import { Redactor } from './redactor.ts';

/**
 * The redactor of this process: a secret that any part of it has learned of must stand in nothing that any part writes, so
 * there is one for all. Everything below goes by it.
 */
export const redactor = new Redactor();

/** {@link Redactor.value} */
export function redact<T>(value: T): T {
  return redactor.value(value);
}

/** {@link Redactor.text} */
export function redactText(text: string): string {
  return redactor.text(text);
}

/** {@link Redactor.serialised} */
export function redactSerialised<T>(value: T, text: string): T {
  return redactor.serialised(value, text);
}

/** {@link Redactor.plain} */
export function redactPlain<T>(value: T): T {
  return redactor.plain(value);
}

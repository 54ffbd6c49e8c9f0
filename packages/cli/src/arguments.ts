import { InvalidArgumentError } from 'commander';

/** Parsers for option values; commander turns what they throw into a usage error that names the option. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It must be JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
}

export function jsonObject(text: string): Record<string, unknown> {
  const value = jsonValue(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('It must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** For options that may be given several times, or once with commas. */
export function collect(text: string, before: string[] = []): string[] {
  return [
    ...before,
    ...text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}

/** For options that may be given several times, with whatever characters. */
export function repeat(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** `field=value` or `field.op=value`, collected into one object. */
export function collectFilter(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must have the form field=value or field.operator=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90`, `90s`, `45m`, `12h`, `30d`, as seconds. */
export function duration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+)([smhd])?$/.exec(text) ?? [];
  const seconds = Number(amount) * (SECONDS[unit] ?? 1);
  if (amount === undefined || seconds < 1) {
    throw new InvalidArgumentError('It must be a duration such as 90s, 45m, 12h or 30d.');
  }
  return seconds;
}

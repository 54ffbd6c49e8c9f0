/** What cleaning keeps of one value: the value, or undefined where nothing usable is left. All of these take anything. */

/** Line breaks and tabs may stand in notes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL_BUT_BREAKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const NUMERIC = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** Text without control characters and outer blanks, cut at `most` UTF-16 units but never within a character (KG-068). */
export function cleanText(value: unknown, most: number, { breaks = false } = {}): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .replace(breaks ? CONTROL_BUT_BREAKS : CONTROL, '')
    .toWellFormed()
    .trim();
  return cut(text, most).trimEnd() || undefined;
}

/** A path within the repository, with forward slashes; undefined for one that leaves it (KG-068, KG-121). */
export function cleanPath(value: unknown, most = 4_096): string | undefined {
  let path = cleanText(value, Number.MAX_SAFE_INTEGER)?.replaceAll('\\', '/');
  // What cutting and trimming leave may be in need of it again.
  for (let before: string | undefined; path !== undefined && path !== before; ) {
    before = path;
    path = within(path);
    path = path === undefined ? path : cut(path, most).trim() || undefined;
  }
  return path;
}

function within(path: string): string | undefined {
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/') || undefined;
}

/** A finite number, or text that is one; nothing else is (KG-066). */
export function cleanNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMERIC.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** From 0 to 1 (KG-107). */
export function cleanConfidence(value: unknown): number | undefined {
  const number = cleanNumber(value);
  return number === undefined ? undefined : Math.min(1, Math.max(0, number));
}

/** A line or column: whole, halves up, never below 0 (KG-065). */
export function cleanPosition(value: unknown): number | undefined {
  const number = cleanNumber(value);
  return number === undefined ? undefined : Math.max(0, Math.round(number));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const high = (text.charCodeAt(most - 1) & 0xfc00) === 0xd800;
  return text.slice(0, high ? most - 1 : most);
}

import { LRUCache } from 'lru-cache';
import picomatch from 'picomatch';
import { isInside } from '../workspaces/index.ts';

/** Rules are put to every call: what they compile to is kept. */
const wildcards = new LRUCache<string, RegExp>({ max: 5_000 });
const globs = new LRUCache<string, (path: string) => boolean>({ max: 5_000 });

/** Whether one of the patterns matches all of the text; `*` stands for any characters, `?` for one. */
export function matchesPattern(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    const made = wildcards.get(pattern) ?? wildcard(pattern);
    wildcards.set(pattern, made);
    return made.test(text);
  });
}

/** Whether one of the globs matches a path given in both its forms; absolute globs look at the absolute one. */
export function matchesGlob(patterns: readonly string[], path: { absolute: string; relative: string | null }): boolean {
  return patterns.some((pattern) => {
    const subject = pattern.startsWith('/') ? path.absolute : path.relative;
    if (subject === null) return false;
    const made = globs.get(pattern) ?? picomatch(pattern, { dot: true });
    globs.set(pattern, made);
    return made(subject);
  });
}

/** A name that only wildcards match. */
const ANY_NAME = '\u0001';

/** Whether the globs match all below a path, however deep: rather once too rarely than once too often. */
export function coversBelow(
  patterns: readonly string[],
  { absolute, relative }: { absolute: string; relative: string | null },
): boolean {
  return [ANY_NAME, `${ANY_NAME}/${ANY_NAME}`].every((below) =>
    matchesGlob(patterns, {
      absolute: `${absolute}/${below}`,
      relative: relative === null ? null : relative === '' ? below : `${relative}/${below}`,
    }),
  );
}

/** Whether one of the globs may match something below a path: rather once too often than never. */
export function reachesBelow(
  patterns: readonly string[],
  { absolute, relative }: { absolute: string; relative: string | null },
  workspace: string,
): boolean {
  return patterns.some((pattern) => {
    const subject = pattern.startsWith('/') ? absolute : relative;
    return subject === null ? isInside(absolute, workspace) : reaches(pattern, subject);
  });
}

function reaches(pattern: string, path: string): boolean {
  // Alternatives may hold slashes: such globs are not taken apart.
  if (/[{(!]/.test(pattern)) return true;
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  const above = path.split('/').filter((part) => part !== '');
  for (const [at, name] of above.entries()) {
    const part = parts[at];
    if (part === undefined) return false;
    if (part.includes('**')) return true;
    if (!matchesGlob([part], { absolute: name, relative: name })) return false;
  }
  return parts.length > above.length;
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '[^]*')
    .replace(/\?/g, '[^]');
  return new RegExp(`^${source}$`, 'u');
}

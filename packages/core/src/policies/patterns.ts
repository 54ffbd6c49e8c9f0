import { LRUCache } from 'lru-cache';
import picomatch from 'picomatch';

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

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '[^]*')
    .replace(/\?/g, '[^]');
  return new RegExp(`^${source}$`, 'u');
}

import { z } from 'zod';

/**
 * The name of what is locked: segments joined by `/`. What stands under a name (`repo/path` under `repo`) is locked with it,
 * and it with what stands under it. 1 to 512 characters, no empty segments, no control characters; upper and lower case differ.
 */
export const resourceNameSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(
    /^[^/\p{Cc}]+(\/[^/\p{Cc}]+)*$/u,
    'must be segments joined by /, none of them empty, without control characters',
  );

/** The names under which a resource stands, itself included: `repo`, `repo/a`, `repo/a/b`. */
export function prefixesOf(resource: string): string[] {
  const segments = resource.split('/');
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Whether `upper` is `lower` or stands above it. */
export function covers(upper: string, lower: string): boolean {
  return lower === upper || lower.startsWith(`${upper}/`);
}

/** Whether one of the two stands above the other, or they are the same: then locks on them exclude each other. */
export function overlaps(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}

/** The order in which locks are to be taken (ORC-184): byte by byte, as the database compares names. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** For each resource of a batch, whether it overlaps none of the others. */
export function standAlone(resources: readonly { projectId: string; resource: string }[]): boolean[] {
  const named = new Map<string, number[]>();
  const keys = resources.map(({ projectId, resource }) => prefixesOf(resource).map((name) => `${projectId} ${name}`));
  for (const [index, prefixes] of keys.entries()) {
    const own = prefixes.at(-1) ?? '';
    named.set(own, [...(named.get(own) ?? []), index]);
  }
  const alone = resources.map(() => true);
  for (const [index, prefixes] of keys.entries()) {
    for (const prefix of prefixes) {
      for (const other of named.get(prefix) ?? []) {
        if (other === index) continue;
        alone[index] = false;
        alone[other] = false;
      }
    }
  }
  return alone;
}

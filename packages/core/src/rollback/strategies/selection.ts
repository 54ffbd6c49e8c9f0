import { z } from 'zod';
import type { DiffEntry } from '../diff/index.ts';
import { type DomainPath, formatDomainPath, readDomainPath } from '../diff/index.ts';

/** Longest expression that callers may give (RB-245). */
const MAX_PATTERN = 200;

const patternSchema = z
  .string()
  .min(1)
  .max(MAX_PATTERN)
  .refine((pattern) => {
    try {
      new RegExp(pattern, 'u');
      return true;
    } catch {
      return false;
    }
  }, 'is not a regular expression');

/** Which changes are to be put back (RB-093). Priority decides which selection takes a path that several match. */
export const selectionSchema = z.strictObject({
  type: z.enum(['entity', 'relationship', 'file', 'namespace', 'component']),
  /** Whole ids, or ids with `*` for any run of characters; whole paths as `entity:a` as well. */
  identifiers: z.array(z.string().min(1).max(4096)).max(10_000),
  includePattern: patternSchema.optional(),
  excludePattern: patternSchema.optional(),
  priority: z.number().default(0),
});
export type Selection = z.output<typeof selectionSchema>;

/** The changes that some selection takes, in the order of the selections (RB-094). A path taken by one is not looked at by the next. */
export function selectChanges(changes: readonly DiffEntry[], selections: readonly Selection[]): DiffEntry[] {
  const taken = new Set<string>();
  const selected: DiffEntry[] = [];
  for (const selection of byPriority(selections)) {
    const matches = matcher(selection);
    const mine = changes.filter(({ path }) => !taken.has(path) && matches(path));
    selected.push(...mine);
    for (const { path } of mine) taken.add(path);
  }
  return selected;
}

/** Whether a selection takes any of the changes (RB-097). */
export function matchesAny(selection: Selection, changes: readonly DiffEntry[]): boolean {
  const matches = matcher(selection);
  return changes.some(({ path }) => matches(path));
}

function byPriority(selections: readonly Selection[]): Selection[] {
  return [...selections].sort((a, b) => b.priority - a.priority);
}

/** RB-095, RB-096: exclusion wins; a whole path that is named is taken; else both the pattern and the kind must fit. */
function matcher({ type, identifiers, includePattern, excludePattern }: Selection): (path: string) => boolean {
  const include = includePattern === undefined ? null : new RegExp(includePattern, 'u');
  const exclude = excludePattern === undefined ? null : new RegExp(excludePattern, 'u');
  const fits = MATCHERS[type];
  const named = new Set(identifiers);
  return (path) => {
    const item = readDomainPath(path);
    const whole = item ? formatDomainPath(item.type, item.key) : path;
    if (exclude?.test(whole)) return false;
    if (named.has(whole)) return true;
    if (include && !include.test(whole)) return false;
    return item !== null && identifiers.some((identifier) => fits(item, whole, identifier));
  };
}

type Matcher = (item: DomainPath, path: string, identifier: string) => boolean;

const MATCHERS: Readonly<Record<Selection['type'], Matcher>> = {
  entity: ({ type, key }, _path, identifier) => type === 'entity' && isLike(key, identifier),
  relationship: ({ type, key }, _path, identifier) => type === 'relationship' && isLike(key, identifier),
  file: ({ type, key }, _path, identifier) =>
    type === 'file' && (isLike(key, identifier) || key.endsWith(`/${identifier}`)),
  namespace: ({ key }, path, identifier) => isWithin(key, identifier) || isWithin(path, identifier),
  component: (_item, path, identifier) =>
    path.includes(`/${identifier}/`) || path.includes(`/${identifier}.`) || path.endsWith(`/${identifier}`),
};

/** The same, where `*` in the identifier stands for anything. */
function isLike(key: string, identifier: string): boolean {
  if (!identifier.includes('*')) return key === identifier;
  const parts = identifier.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (key.length < first.length + last.length || !key.startsWith(first) || !key.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = key.indexOf(part, at);
    if (found < 0 || found + part.length > key.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** Begins with it, and goes on only after something that ends a name. */
function isWithin(key: string, namespace: string): boolean {
  if (!key.startsWith(namespace)) return false;
  return key.length === namespace.length || /[^\w-]$/.test(namespace) || /^[^\w-]/.test(key.slice(namespace.length));
}

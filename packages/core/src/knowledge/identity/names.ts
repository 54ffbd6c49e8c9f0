import { DOC_INTENTS, DOC_SOURCES } from '../vocabulary/terms.ts';

/**
 * How names of places, metrics and environments are written, so that the same one is always the same text. These go into ids: a
 * change of a rule changes ids, and needs a migration of what is stored.
 */

const ENVIRONMENTS = new Set(['dev', 'staging', 'prod', 'perf-lab', 'qa', 'test', 'local']);
const ENVIRONMENT_PREFIXES = [
  ['stag', 'staging'],
  ['perf', 'perf-lab'],
  ['qa', 'qa'],
  ['test', 'test'],
  ['dev', 'dev'],
] as const;
const UNKNOWN = 'unknown';

/** KG-165. */
export function environmentName(value: unknown): string {
  if (typeof value !== 'string') return UNKNOWN;
  const name = value
    .trim()
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '');
  if (name === '') return UNKNOWN;
  if (name === 'production') return 'prod';
  if (ENVIRONMENTS.has(name) || name.startsWith('prod')) return name;
  return ENVIRONMENT_PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? name;
}

/** KG-170; one without a letter or digit is unknown. */
export function metricName(value: unknown): string {
  if (typeof value !== 'string') return UNKNOWN;
  const name = value
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9/_-]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/\/+/g, '/')
    .replace(/^[/-]+/, '')
    .slice(0, 256)
    .replace(/[/-]+$/, '');
  return /[a-z0-9]/.test(name) ? name : UNKNOWN;
}

/** KG-127: where in a document; `_root` for all of it. */
export function anchorName(value: unknown): string {
  const name = textOf(value)
    .trim()
    .replace(/^#+/, '')
    .toLowerCase()
    .replace(/[^a-z0-9\-_/\s]+/g, '-')
    .replace(/\s+/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 128);
  return name === '' ? '_root' : name;
}

/** KG-128: `A > B` and `a/b` are the same. */
export function domainPath(value: unknown): string {
  return textOf(value)
    .trim()
    .toLowerCase()
    .replace(/>+/g, '/')
    .replace(/\s+/g, '/')
    .replace(/[^a-z0-9/_-]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/\/+/g, '/')
    .replace(/^\/|\/$/g, '');
}

/** KG-123: sessions are named alike however their names are written. */
export function sessionName(value: unknown): string {
  return plainName(value).toLowerCase();
}

/** How each of these fields is stored, so that filters find what goes under one name (KG-227). */
const STORED_NAMES: Readonly<Record<string, (value: unknown) => string>> = {
  metricId: metricName,
  environment: environmentName,
  domainPath,
  sessionId: sessionName,
};

/** The same edge with these names as they are stored. */
export function withStoredNames<Edge extends object>(edge: Edge): Edge {
  const named = Object.entries(edge).map(([field, value]) => {
    const name = typeof value === 'string' ? STORED_NAMES[field]?.(value) : undefined;
    return [field, name ?? value];
  });
  return Object.fromEntries(named);
}

/** KG-129. */
export function docSourceName(value: unknown): string {
  const name = textOf(value).toLowerCase();
  if (name === '') return '';
  return DOC_SOURCES.find((source) => source === name) ?? 'other';
}

/** KG-129. */
export function docIntentName(value: unknown, type: string): string {
  const name = textOf(value).toLowerCase();
  return DOC_INTENTS.find((intent) => intent === name) ?? (type === 'GOVERNED_BY' ? 'governance' : 'ai-context');
}

/** Trimmed; empty for what is no text. */
export function plainName(value: unknown): string {
  return textOf(value).trim();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

import { createHash } from 'node:crypto';
import type { EdgeLocation } from '../vocabulary/edge-place.ts';
import { MOST_PLACES } from '../vocabulary/relationship.ts';

/** What a site is named by besides its location. Values that are no text count as missing. */
export interface SiteParts {
  accessPath?: unknown;
  kind?: unknown;
  callee?: unknown;
  operator?: unknown;
  paramName?: unknown;
  type?: unknown;
  fromEntityId?: unknown;
}

/** Names one exact place; undefined where that is not known (KG-070). */
export function siteIdOf({ path, line, column }: EdgeLocation = {}, accessPath: unknown): string | undefined {
  if (path === undefined || line === undefined) return undefined;
  return `site_${sha1(`${path}|${line}|${column ?? ''}|${text(accessPath) ?? ''}`).slice(0, 12)}`;
}

/** Names a place by what stands there, so that it stays when lines move. Of the target it says nothing (KG-071). */
export function siteHashOf(path: string | undefined, parts: SiteParts): string {
  const named = {
    p: path,
    a: text(parts.accessPath),
    k: text(parts.kind),
    c: text(parts.callee),
    o: text(parts.operator),
    pm: text(parts.paramName),
    t: text(parts.type),
    f: text(parts.fromEntityId),
  };
  return `sh_${sha1(JSON.stringify(named)).slice(0, 16)}`;
}

/** Adds sites to others, each once; the newest are kept, at the end, and the rest are counted (KG-073). */
export function mergeSites(older: readonly string[], newer: readonly string[]): { sites: string[]; dropped: number } {
  const last = new Set(newer);
  const sites = [...new Set(older.filter((site) => !last.has(site))), ...last];
  const dropped = Math.max(0, sites.length - MOST_PLACES);
  return { sites: sites.slice(dropped), dropped };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function sha1(value: string): string {
  return createHash('sha1').update(value).digest('hex');
}

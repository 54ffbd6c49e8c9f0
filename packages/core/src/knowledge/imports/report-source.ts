import { SignalboxError } from '../../platform/errors/index.ts';
import { MAX_JSON_DEPTH } from '../../platform/json/storable-json.ts';
import { cleanPath } from '../edges/clean-values.ts';
import type { ReportFormat } from './report.ts';

/** A report as it came, with what leads from its paths to those of the repository. */
export interface ReportSource {
  bytes: Uint8Array;
  /** Without a byte order mark. */
  text: string;
  /** With forward slashes, without one at its end; null where none is known. */
  root: string | null;
  /** Directory of the workspace, real; null where none is named. */
  workspace: string | null;
}

/** That a report cannot be read, and why; nothing of it is in the graph. */
export function unreadable(format: ReportFormat, reason: string, cause?: unknown): SignalboxError {
  return new SignalboxError('IMPORT_UNREADABLE', { format, reason }, { cause });
}

/**
 * The path of a file that a report names, relative to the repository.
 * @throws GRAPH_REPORT_PATH for one that leads out of it, and for an absolute one where nobody said below which root
 */
export function repositoryPath(format: ReportFormat, { root }: Pick<ReportSource, 'root'>, named: string): string {
  const path = pathWithin(root, named);
  if (path === null)
    throw new SignalboxError('GRAPH_REPORT_PATH', { format, path: named.slice(0, 300), root: root ?? 'none' });
  return path;
}

/** {@link repositoryPath}, or null for one that is not within the repository. */
export function pathWithin(root: string | null, named: string): string | null {
  if (named.includes('\0')) return null;
  const slashed = fromUrl(named).replaceAll('\\', '/');
  const isBelow = root !== null && slashed.startsWith(`${root}/`);
  return cleanPath(isBelow ? slashed.slice(root.length + 1) : slashed) ?? null;
}

function fromUrl(named: string): string {
  if (!/^file:/i.test(named)) return named;
  try {
    // The three slashes of `file:///C:/a` and the one of `file:/a`.
    return decodeURIComponent(named.replace(/^file:(?:\/\/[^/]*)?/i, '')).replace(/^\/(?=[a-z]:)/i, '');
  } catch {
    return named;
  }
}

/** @throws IMPORT_UNREADABLE for what is no JSON, or nests too deep */
export function readJson(format: ReportFormat, { text }: Pick<ReportSource, 'text'>): unknown {
  if (nestsTooDeep(text)) throw unreadable(format, `it nests deeper than ${MAX_JSON_DEPTH}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(format, `it is no JSON: ${(error as Error).message}`, error);
  }
}

/** Told from the text: a parser that nests as deep as the text does runs out of its stack. */
export function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 92) at += 1;
      else if (code === 34) quoted = false;
    } else if (code === 34) quoted = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
}

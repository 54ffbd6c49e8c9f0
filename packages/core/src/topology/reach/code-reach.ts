import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { allChanged, type CodeUser, changedSymbols, type SymbolChange } from '../../knowledge/index.ts';
import { isInside, proposedText, realPathOf } from '../../workspaces/index.ts';
import type { Criticality } from '../terms.ts';
import type { CodePort } from './code-port.ts';
import { REACH_CONFIDENCE, REACH_HOPS } from './reach.ts';

/** Bytes of a file that is compared with what was read of it. */
const MOST_BYTES = 10_000_000;

/** A call that would write a file: then what changes is what its text would be another in. */
export interface ProposingCall {
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
}

export interface CodeReach {
  changes: SymbolChange[];
  users: CodeUser[];
  /** Files that are not as the graph read them last: nobody knows what uses them now. */
  outdated: string[];
  /** Whether more depends on it than was looked at. */
  truncated: boolean;
  /** By what changes and how much depends on it (KG-276). */
  risk: Criticality;
}

/** Files that change, or are about to: `proposed` those that a call names, whose text it tells. */
export interface ChangingFiles {
  workspaceIds: readonly string[];
  /** Absolute real path of the workspace. */
  root: string;
  paths: readonly string[];
  proposed?: { call: ProposingCall; paths: ReadonlySet<string> } | undefined;
}

/** What of the code changes, and what uses it; null where the graph has read nothing of the workspaces. */
export async function codeReach(code: CodePort, projectId: string, files: ChangingFiles): Promise<CodeReach | null> {
  const { root, workspaceIds, paths, proposed } = files;
  const read = workspaceIds.length === 0 ? null : await code.read(projectId, workspaceIds, paths);
  if (read === null) return null;
  const outdated: string[] = [];
  const known: string[] = [];
  const texts = new Map<string, string>();
  for (const path of paths) {
    const hashes = read.get(path);
    if (!hashes) continue;
    const now = await bytesOf(root, path);
    // What is not there, and never was, is used by nobody yet.
    if (now === null && hashes.size === 0) continue;
    const isAsRead = now instanceof Buffer && hashes.has(createHash('sha256').update(now).digest('hex'));
    if (!isAsRead) {
      outdated.push(path);
      continue;
    }
    known.push(path);
    texts.set(path, now.toString('utf8'));
  }
  const declared = Map.groupBy(await code.symbols(projectId, known), ({ path }) => path);
  const changes: SymbolChange[] = [];
  const ids = new Set<string>();
  for (const path of known) {
    const symbols = declared.get(path) ?? [];
    const after = proposed?.paths.has(path) ? await proposedText(join(root, path), proposed.call) : null;
    const found =
      after === null
        ? { changes: allChanged(symbols), outside: true }
        : changedSymbols(symbols, texts.get(path) ?? '', after);
    changes.push(...found.changes);
    if (found.outside) ids.add(`file:${path}`);
  }
  for (const { symbol } of changes) ids.add(symbol.id);
  const far = { maxDepth: REACH_HOPS, minConfidence: REACH_CONFIDENCE };
  const { users, truncated } = await code.users(projectId, [...ids], far);
  return { changes, users, outdated, truncated, risk: await code.risk(projectId, changes, REACH_HOPS) };
}

/** Null where there is no such file; `too large` where nobody compares it. Nothing outside of the workspace is looked at. */
async function bytesOf(root: string, path: string): Promise<Buffer | 'too large' | null> {
  const real = await realPathOf(join(root, path));
  if (real === null || !isInside(root, real)) return null;
  try {
    const found = await stat(real);
    if (!found.isFile()) return null;
    return found.size > MOST_BYTES ? 'too large' : await readFile(real);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(code)) return null;
    throw error;
  }
}

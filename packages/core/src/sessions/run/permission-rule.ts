import { relative, resolve } from 'node:path';
import { confine } from '../../workspaces/index.ts';
import type { PermissionRequest } from '../runtime.ts';

/** How a runtime's permission requests are answered until policies do: `runtimes.opencode.permissions`. */
export type PermissionMode = 'workspace' | 'ask' | 'allow' | 'deny';

/** Kinds of request that are about reaching outside, whatever their patterns say. */
const OUTSIDE_KINDS = new Set(['external_directory']);
/** Kinds whose patterns name files. The patterns of others are commands and addresses. */
const PATH_KINDS = new Set(['edit', 'write', 'patch', 'read', 'list', 'glob', 'grep']);

/** Decides a request: `workspace` allows what stays inside the workspace and denies the rest, of which `ask` has people asked. */
export async function decidePermission(
  mode: PermissionMode,
  workspacePath: string,
  request: PermissionRequest,
): Promise<'allow' | 'deny' | 'ask'> {
  if (mode !== 'workspace' && mode !== 'ask') return mode;
  const otherwise = mode === 'ask' ? 'ask' : 'deny';
  if (OUTSIDE_KINDS.has(request.kind)) return otherwise;
  if (!PATH_KINDS.has(request.kind)) return 'allow';
  for (const pattern of request.patterns) {
    if (!(await staysInside(workspacePath, pattern))) return otherwise;
  }
  return 'allow';
}

async function staysInside(workspacePath: string, pattern: string): Promise<boolean> {
  if (pattern.startsWith('~')) return false;
  const literal = resolve(workspacePath, pattern.replace(/[*?[{].*$/, ''));
  return confine(workspacePath, relative(workspacePath, literal)).then(
    () => true,
    () => false,
  );
}

import { isAbsolute, relative, sep } from 'node:path';
import { SignalboxError } from '../../platform/errors/index.ts';
import { confine } from '../../workspaces/index.ts';
import type { ClaimPath } from './claim-path.ts';

/**
 * What is claimed, by its real name: symbolic links on the way are resolved, so that two names of one file are one. Of a
 * glob, the directories in front of its first wildcard.
 * @throws PATH_OUTSIDE_WORKSPACE
 */
export async function realClaimPath(workspacePath: string, { path, kind }: ClaimPath): Promise<ClaimPath> {
  const parts = path.split('/');
  const wild = kind === 'literal' ? parts.length : parts.findIndex((part) => !/^[\w.-]+$/.test(part));
  const plain = wild < 0 ? parts.length : wild;
  const real = await realName(workspacePath, parts.slice(0, plain).join('/'));
  const rest = parts.slice(plain);
  if (rest.length === 0) return { path: real, kind: 'literal' };
  return { path: [...(real === '.' ? [] : [real]), ...rest].join('/'), kind };
}

/**
 * The real name, relative to the workspace, of a path that a tool was given: absolute, or relative to the workspace.
 * @throws PATH_OUTSIDE_WORKSPACE
 */
export async function realName(workspacePath: string, path: string): Promise<string> {
  const inside = isAbsolute(path) ? relative(workspacePath, path) : path;
  if (isAbsolute(inside)) throw new SignalboxError('PATH_OUTSIDE_WORKSPACE', { path });
  const real = relative(workspacePath, await confine(workspacePath, inside));
  return real === '' ? '.' : real.split(sep).join('/');
}

import { readFile, stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { z } from 'zod';
import { isInside, realPathOf } from '../../workspaces/index.ts';

const MOST_BYTES = 1_000_000;
const MANIFESTS: readonly { file: string; nameIn: (text: string) => string | undefined }[] = [
  { file: 'package.json', nameIn: nameInPackageJson },
  { file: 'go.mod', nameIn: (text) => /^module\s+"?([^\s"]+)/m.exec(text)?.[1] },
  { file: 'Cargo.toml', nameIn: nameInToml('package') },
  { file: 'pyproject.toml', nameIn: nameInToml('project') },
];

/**
 * The packages that paths are part of: those of the nearest manifests above them that say a name. Manifests that cannot be read are
 * passed over, and nothing outside of the workspace is looked at.
 * @param root absolute path of the workspace
 */
export async function packageNames(root: string, paths: readonly string[]): Promise<Map<string, string>> {
  const known = new Map<string, Promise<string | undefined>>();
  const nameAt = (directory: string): Promise<string | undefined> => {
    const there = known.get(directory) ?? nameOf(root, directory);
    known.set(directory, there);
    return there;
  };
  const named = new Map<string, string>();
  for (const path of paths) {
    for (let directory = posix.dirname(path); ; directory = posix.dirname(directory)) {
      const name = await nameAt(directory);
      if (name !== undefined) named.set(path, name);
      if (name !== undefined || directory === '.' || directory === '/' || directory === '') break;
    }
  }
  return named;
}

async function nameOf(root: string, directory: string): Promise<string | undefined> {
  for (const { file, nameIn } of MANIFESTS) {
    const real = await realPathOf(resolve(root, directory, file));
    if (real === null || !isInside(root, real)) continue;
    const text = await textOf(real);
    const name = text === null ? undefined : nameIn(text);
    if (name !== undefined && name.length <= 500) return name;
  }
  return undefined;
}

/** Null where there is none, or none that is worth reading. */
async function textOf(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    return size > MOST_BYTES ? null : await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ELOOP'].includes(code)) return null;
    throw error;
  }
}

function nameInPackageJson(text: string): string | undefined {
  try {
    return z.looseObject({ name: z.string() }).safeParse(JSON.parse(text)).data?.name;
  } catch (error) {
    // Half-written by whoever edits it: it has no name just now.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The `name` of a section, which is all that is asked of it. */
function nameInToml(section: string): (text: string) => string | undefined {
  const wanted = new RegExp(`^\\[${section}\\]\\s*$([^]*?)(?=^\\[|$(?![^]))`, 'm');
  return (text) => /^name\s*=\s*["']([^"']+)["']/m.exec(wanted.exec(text)?.[1] ?? '')?.[1];
}

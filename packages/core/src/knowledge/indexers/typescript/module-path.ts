import { dirname, join } from 'node:path/posix';

const ENDINGS = ['.ts', '.tsx', '.d.ts', '.mts', '.d.mts', '.cts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs'];

/**
 * The file of the workspace that a relative import means, by how paths are written alone: no configuration is looked at.
 * @param paths of all files of the workspace
 */
export function modulePath(paths: ReadonlySet<string>, specifier: string, from: string): string | null {
  if (!/^\.{1,2}(?:\/|$)/.test(specifier)) return null;
  const path = join(dirname(from), specifier).replace(/\/$/, '');
  // Sources of `.js` are mostly `.ts`, where there are both.
  const bare = path.replace(/\.[cm]?jsx?$/, '');
  const meant = [...ENDINGS.map((ending) => `${bare}${ending}`), path, ...ENDINGS.map((ending) => `${path}${ending}`)];
  const inside = path === '.' ? '' : `${path}/`;
  return [...meant, ...ENDINGS.map((ending) => `${inside}index${ending}`)].find((one) => paths.has(one)) ?? null;
}

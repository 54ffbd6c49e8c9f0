import { formatDomainPath, readDomainPath } from '../diff/index.ts';

/** The item that a path leads into: `entity:a` of `entity:a#name`. Other paths are as they are. */
export function itemPathOf(path: string): string {
  const item = readDomainPath(path);
  return item ? formatDomainPath(item.type, item.key) : path;
}

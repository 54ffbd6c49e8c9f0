import { createHash } from 'node:crypto';

/** Most UTF-16 units of a name that stands in a unit's name as it is. */
const MOST_NAME = 400;

/** The unit in whose name an indexer speaks of one thing, such as a file. @param prefix ends with a colon */
export function unitName(prefix: string, name: string): string {
  if (name.length <= MOST_NAME && prefix.length + name.length <= 500) return prefix + name;
  return prefix + createHash('sha256').update(name).digest('hex');
}

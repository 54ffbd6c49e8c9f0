import { SignalboxError } from '../../platform/errors/index.ts';
import type { SnapshotType } from '../points/snapshot.ts';

/** How paths of each kind of state begin (RB-056). */
export const PATH_PREFIXES: Readonly<Record<SnapshotType, string>> = {
  entity: 'entity',
  relationship: 'relationship',
  file: 'file',
  configuration: 'config',
  session_state: 'session',
};

const TYPES = new Map(Object.entries(PATH_PREFIXES).map(([type, prefix]) => [prefix, type as SnapshotType]));
/** Stands between the item and a property of it; escaped within keys. */
const SEPARATOR = '#';

export interface DomainPath {
  type: SnapshotType;
  /** Id of the item, as its port knows it. */
  key: string;
  /** Path within the item; empty for the item itself. */
  property: string;
}

/** `entity:user-service`, or `entity:user-service#name` for a property of it. */
export function formatDomainPath(type: SnapshotType, key: string, property = ''): string {
  const escaped = key.replace(/[%#]/g, (sign) => (sign === '%' ? '%25' : '%23'));
  return `${PATH_PREFIXES[type]}:${escaped}${property === '' ? '' : SEPARATOR + property}`;
}

/** Null for what is not such a path. */
export function readDomainPath(path: string): DomainPath | null {
  const [, prefix = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(path) ?? [];
  const type = TYPES.get(prefix);
  if (type === undefined) return null;
  const end = rest.indexOf(SEPARATOR);
  const key = end < 0 ? rest : rest.slice(0, end);
  return {
    type,
    key: key.replace(/%2([35])/g, (_, digit) => (digit === '3' ? '#' : '%')),
    property: end < 0 ? '' : rest.slice(end + 1),
  };
}

/** @throws VALIDATION_FAILED for what is not such a path */
export function parseDomainPath(path: string): DomainPath {
  const parsed = readDomainPath(path);
  if (parsed) return parsed;
  const known = [...TYPES.keys()].map((prefix) => `${prefix}:`).join(', ');
  throw new SignalboxError('VALIDATION_FAILED', { reason: `"${path}" does not begin with one of ${known}` });
}

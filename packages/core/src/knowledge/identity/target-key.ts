import { isRecord } from '../edges/clean-values.ts';
import { readRef } from '../edges/endpoint-ref.ts';
import type { RawEdge } from '../edges/raw-edge.ts';

const ENTITY_ID = /^(?:sym:|file:[^:]+$)/s;
const FILE_SYMBOL_ID = /^file:([^:]+):(.+)$/s;
const KIND_ID = /^(class|interface|function|typeAlias):(.+)$/s;
const IMPORT_ID = /^import:(.+):([^:]*)$/s;
const EXTERNAL_ID = /^external:(.+)$/s;

/** What an edge points at, whichever way its extractor says so (KG-120). Reads the reference of its metadata, too (KG-121). */
export function targetKey(edge: RawEdge): string {
  const metadata = isRecord(edge.metadata) ? edge.metadata : {};
  const { kind, id, file = '', symbol, name } = readRef(edge.toRef, metadata.toRef) ?? {};
  if (kind === 'entity' && id) return `ENT:${id}`;
  if (kind === 'fileSymbol' && (file || symbol || name)) return `FS:${file}:${symbol ?? name ?? ''}`;
  if (kind === 'external' && name) return `EXT:${name}`;
  return keyOfId(typeof edge.toEntityId === 'string' ? edge.toEntityId : '');
}

function keyOfId(id: string): string {
  if (ENTITY_ID.test(id)) return `ENT:${id}`;
  const [, file, symbol] = FILE_SYMBOL_ID.exec(id) ?? [];
  if (file !== undefined) return `FS:${file}:${symbol}`;
  const [, external] = EXTERNAL_ID.exec(id) ?? [];
  if (external !== undefined) return `EXT:${external}`;
  const [, kind, named] = KIND_ID.exec(id) ?? [];
  if (kind !== undefined) return `KIND:${kind}:${named}`;
  const [, module, imported] = IMPORT_ID.exec(id) ?? [];
  return module === undefined ? `RAW:${id}` : `IMP:${module}:${imported}`;
}

import { type EndpointRef, endpointRefSchema } from '../vocabulary/edge-place.ts';
import { isRecord } from './clean-values.ts';

/** The reference of one end as it is asked for (KG-044). */
export interface FlatRef {
  kind: EndpointRef['kind'];
  file?: string;
  symbol?: string;
  name?: string;
}

const SYMBOL_ID = /^sym:([^#]+)#([^@]+)/s;
const FILE_SYMBOL_ID = /^file:([^:]+):(.+)$/s;
const EXTERNAL_ID = /^external:(.+)$/s;

/** A structured reference, given on the edge or in its metadata; undefined for none, or one of no known kind. */
export function readRef(onEdge: unknown, inMetadata: unknown): EndpointRef | undefined {
  return asRef(onEdge) ?? asRef(inMetadata);
}

function asRef(value: unknown): EndpointRef | undefined {
  if (!isRecord(value)) return undefined;
  const texts = Object.entries(value).filter(([, part]) => typeof part === 'string');
  const known = texts.filter(([name]) => Object.hasOwn(endpointRefSchema.shape, name));
  const parsed = endpointRefSchema.safeParse(Object.fromEntries(known));
  return parsed.success ? parsed.data : undefined;
}

/** A reference flattened: from a structured one (KG-113), else from what the id says (KG-114); null for an id that says nothing. */
export function flattenRef(ref: EndpointRef | undefined, id: unknown): FlatRef | null {
  if (!ref) return typeof id === 'string' ? refOfId(id) : null;
  const { kind, file = '', name } = ref;
  if (kind !== 'fileSymbol') return name === undefined ? { kind } : { kind, name };
  const symbol = ref.symbol ?? name ?? '';
  return { kind, file, symbol, name: name ?? symbol };
}

function refOfId(id: string): FlatRef | null {
  const [, file, name] = SYMBOL_ID.exec(id) ?? FILE_SYMBOL_ID.exec(id) ?? [];
  if (file !== undefined && name !== undefined) return { kind: 'fileSymbol', file, symbol: name, name };
  const [, external] = EXTERNAL_ID.exec(id) ?? [];
  if (external !== undefined) return { kind: 'external', name: external };
  return id.startsWith('sym:') || id.startsWith('file:') ? { kind: 'entity' } : null;
}

export { canonicalJson } from './canonical-json.ts';
export { getContents, pruneContents, putContents } from './contents.ts';
export { type PackedBody, packBody, unpackBody } from './packing.ts';

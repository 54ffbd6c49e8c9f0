/** The type of the elements, as PostgreSQL numbers it. */
const BYTEA_OID = 17;
const HEADER_BYTES = 20;
const EMPTY_BYTES = 12;

/**
 * A `bytea[]` parameter in the protocol's binary form: as text each byte would travel as two, escaped and parsed.
 * @param items null for SQL's NULL.
 */
export function byteaArray(items: readonly (Uint8Array | null)[]): Buffer {
  const size = items.reduce(
    (sum, item) => sum + 4 + (item?.length ?? 0),
    items.length === 0 ? EMPTY_BYTES : HEADER_BYTES,
  );
  const bytes = Buffer.allocUnsafe(size);
  // Dimensions, whether there are nulls, element type; then the length and lower bound of the one dimension.
  bytes.writeInt32BE(items.length === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(items.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(BYTEA_OID, 8);
  if (items.length === 0) return bytes;
  bytes.writeInt32BE(items.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const item of items) {
    bytes.writeInt32BE(item?.length ?? -1, at);
    if (item) bytes.set(item, at + 4);
    at += 4 + (item?.length ?? 0);
  }
  return bytes;
}

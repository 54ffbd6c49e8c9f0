import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** A body as it is stored. */
export interface PackedBody {
  /** SHA-256 of the body as it was given. */
  digest: Buffer;
  compressed: boolean;
  /** Of the body as it was given. */
  bytes: number;
  body: Uint8Array;
}

/** Less than this is not worth a frame. */
const WORTH_TRYING_BYTES = 256;
/** A frame has to save this part of its body, or reading it back costs more than it saves. */
const WORTH_KEEPING = 0.1;
/** Above this a body is packed aside, so that the process goes on meanwhile. */
const ASIDE_BYTES = 64 * 1024;
const compressAside = promisify(zlib.zstdCompress);
const decompressAside = promisify(zlib.zstdDecompress);

export function digestOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest();
}

/** Compresses a body where that pays. */
export async function packBody(digest: Buffer, body: Uint8Array): Promise<PackedBody> {
  const plain = { digest, compressed: false, bytes: body.length, body };
  if (body.length < WORTH_TRYING_BYTES) return plain;
  const frame = body.length > ASIDE_BYTES ? await compressAside(body) : zlib.zstdCompressSync(body);
  return frame.length > body.length * (1 - WORTH_KEEPING) ? plain : { ...plain, compressed: true, body: frame };
}

/** The body as it was given. */
export async function unpackBody(stored: Pick<PackedBody, 'compressed' | 'bytes' | 'body'>): Promise<Buffer> {
  if (!stored.compressed) return Buffer.from(stored.body.buffer, stored.body.byteOffset, stored.body.byteLength);
  return stored.bytes > ASIDE_BYTES ? decompressAside(stored.body) : zlib.zstdDecompressSync(stored.body);
}

import { createHash, createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What exactly an approval is asked for. */
export interface ExactRequest {
  projectId: string;
  subject: string;
  sessionId: string | null;
  taskId: string | null;
  tool: string | null;
  workingDirectory: string | null;
  /** As they are, before secrets are taken out. */
  arguments: Readonly<Record<string, unknown>>;
}

/**
 * The digest to which an approval is bound, in hexadecimal digits: HMAC-SHA-256 over the request and the SHA-256 of its
 * arguments, both in the canonical form of RFC 8785. The key lies outside of the database: whoever can read there cannot
 * try out which arguments a digest belongs to, and whoever can write there cannot make one for others.
 */
export function approvalDigest(key: Buffer, { arguments: given, ...request }: ExactRequest): string {
  const argumentsDigest = createHash('sha256').update(canonical(given)).digest('hex');
  return createHmac('sha256', key)
    .update(canonical({ ...request, argumentsDigest }))
    .digest('hex');
}

/** RFC 8785; what JSON cannot hold is left out, or null, as JSON does. */
function canonical(value: unknown): string {
  const json = JSON.stringify(value);
  return canonicalize(JSON.parse(json)) ?? json;
}

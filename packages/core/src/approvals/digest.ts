import { createHash, createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import { SignalboxError } from '../platform/errors/index.ts';

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
 * @throws VALIDATION_FAILED for text that has no canonical form: half a character
 */
export function approvalDigest(key: Buffer, request: ExactRequest): string {
  const { projectId, subject, sessionId, taskId, tool, workingDirectory, arguments: given } = request;
  const argumentsDigest = createHash('sha256').update(canonical(given)).digest('hex');
  return createHmac('sha256', key)
    .update(canonical({ projectId, subject, sessionId, taskId, tool, workingDirectory, argumentsDigest }))
    .digest('hex');
}

/** RFC 8785; what JSON cannot hold is left out, or null, as JSON does. */
function canonical(value: unknown): string {
  const json = JSON.stringify(value);
  try {
    return canonicalize(JSON.parse(json)) ?? json;
  } catch (error) {
    throw new SignalboxError('VALIDATION_FAILED', {
      reason: `arguments: ${error instanceof Error ? error.message : error}`,
    });
  }
}

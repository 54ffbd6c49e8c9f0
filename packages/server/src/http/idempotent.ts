import { createHash } from 'node:crypto';
import { type IdempotencyKeys, type Settle, SignalboxError, type StoredAnswer } from '@signalbox/core';
import { HttpError } from './error-table.ts';

export interface IdempotentRequest {
  projectId: string;
  key: string;
  method: string;
  url: string;
  body: unknown;
  /** Fields left out of what is kept: secrets that are shown once. */
  shownOnce: readonly string[];
}

/**
 * Does `work` once for each key. A repeat gets the first answer; a request that failed frees its key again, since it
 * changed nothing, unless nobody can know whether it did.
 * @throws INVALID_IDEMPOTENCY_KEY, IDEMPOTENCY_CONFLICT, IDEMPOTENCY_IN_PROGRESS, and what `work` throws
 */
export async function answerOnce(
  keys: IdempotencyKeys,
  request: IdempotentRequest,
  work: () => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> {
  if (request.key.length < 1 || request.key.length > 255) throw new HttpError('INVALID_IDEMPOTENCY_KEY');
  const begun = await keys.begin(request.projectId, request.key, digestOf(request));
  if (!begun.first) return { ...begun.answer, replayed: true };
  const answer = await worked(work, begun.settle);
  await begun.settle.answer({ ...answer, body: without(answer.body, request.shownOnce) });
  return { ...answer, replayed: false };
}

async function worked(work: () => Promise<StoredAnswer>, settle: Settle): Promise<StoredAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!SignalboxError.is(error, 'OUTCOME_UNKNOWN')) await settle.release();
    throw error;
  }
}

function digestOf({ method, url, body }: IdempotentRequest): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest();
}

function without(body: string, fields: readonly string[]): string {
  if (fields.length === 0) return body;
  const hidden = Object.fromEntries(fields.map((field) => [field, null]));
  return JSON.stringify({ ...(JSON.parse(body) as Record<string, unknown>), ...hidden });
}

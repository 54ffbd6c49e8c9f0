import { z } from 'zod';
import { SignalboxError } from '../platform/errors/index.ts';
import { checkpointIdSchema, namespaceSchema, threadIdSchema } from './thread.ts';
import type { CheckpointPlace } from './thread-list-store.ts';

const placeSchema = z.tuple([checkpointIdSchema, threadIdSchema, namespaceSchema]);

export function encodePlace({ checkpointId, threadId, namespace }: CheckpointPlace): string {
  return Buffer.from(JSON.stringify([checkpointId, threadId, namespace])).toString('base64url');
}

/** @throws INVALID_CURSOR when it was not made by {@link encodePlace} */
export function decodePlace(cursor: string): CheckpointPlace {
  try {
    const place = placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { checkpointId: place[0], threadId: place[1], namespace: place[2] };
  } catch (cause) {
    throw new SignalboxError('INVALID_CURSOR', {}, { cause });
  }
}

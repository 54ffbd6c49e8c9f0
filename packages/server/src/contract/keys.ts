import { apiKeySchema, createKeySchema, rotateKeySchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'keys';

export const keyPageSchema = pageOf(apiKeySchema);
/** `secret` is shown this once; null where a repeated request with the same Idempotency-Key is answered. */
export const createdKeySchema = apiKeySchema.extend({ secret: z.string().nullable() });

export const listKeys = operation({
  id: 'listKeys',
  method: 'GET',
  path: '/keys',
  tag,
  summary: 'List the keys of the project',
  role: 'admin',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of keys, oldest first.', schema: keyPageSchema },
});

export const createKey = operation({
  id: 'createKey',
  method: 'POST',
  path: '/keys',
  tag,
  summary: 'Make a key',
  role: 'admin',
  body: createKeySchema,
  bodyCheckedByRoom: true,
  shownOnce: ['secret'],
  answer: { status: 201, about: 'The key with its secret, which is never shown again.', schema: createdKeySchema },
  example: { name: 'ci', role: 'agent' },
});

export const rotateKey = operation({
  id: 'rotateKey',
  method: 'POST',
  path: '/keys/{id}/rotate',
  tag,
  summary: 'Give a key another secret',
  description: 'The one before works on for `graceSeconds`, and else no more from now on.',
  role: 'admin',
  params: z.strictObject({ id: uuidSchema }),
  body: rotateKeySchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  shownOnce: ['secret'],
  answer: { status: 200, about: 'The key with its new secret, which is never shown again.', schema: createdKeySchema },
  example: { graceSeconds: 3600 },
});

export const revokeKey = operation({
  id: 'revokeKey',
  method: 'DELETE',
  path: '/keys/{id}',
  tag,
  summary: 'Revoke a key',
  role: 'admin',
  params: z.strictObject({ id: uuidSchema }),
  ifMatch: 'required',
  answer: { status: 204, about: 'It works no more.' },
});

import { z } from 'zod';

/** From least to most: each role may do what those before it may (design.md §8). */
export const ROLES = ['viewer', 'agent', 'approver', 'operator', 'admin'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** True when `role` may do what needs `needed`. */
export function roleAllows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** A key without its secret, which is shown once and kept only as a digest. */
export const apiKeySchema = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  role: roleSchema,
  /** First characters of the secret, to tell keys apart. */
  prefix: z.string(),
  createdBy: z.string().nullable(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  /** When it got the secret that it has now; null where it has its first. */
  rotatedAt: z.iso.datetime().nullable(),
  /** Until when the secret before works as well; null where there is none. */
  previousUntil: z.iso.datetime().nullable(),
  /** When it was used last, to a minute; null where it never was. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export const createKeySchema = z.strictObject({
  name: z
    .string()
    .refine((name) => !name.includes('\0'), 'must not contain NUL characters')
    .transform((name) => name.trim())
    .pipe(z.string().min(1, 'must not be blank').max(100)),
  role: roleSchema.default('agent'),
  /** Seconds until the key stops working; null means it works until revoked. */
  expiresInSeconds: z.int().positive().max(315_360_000).nullable().default(null),
});
export type CreateKey = z.input<typeof createKeySchema>;

export const rotateKeySchema = z.strictObject({
  /** Seconds for which the secret before still works: time to bring the new one to where it is needed. */
  graceSeconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(0),
  /** Seconds until the key stops working, from now on; null means until it is revoked. What is left out stays. */
  expiresInSeconds: z.int().positive().max(315_360_000).nullable().optional(),
});
export type RotateKey = z.input<typeof rotateKeySchema>;

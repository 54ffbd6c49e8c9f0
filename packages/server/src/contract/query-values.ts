import { z } from 'zod';

/**
 * Values of the query string. They arrive as text; `wire` says in the document what a client gives.
 */
const wire = (type: 'integer' | 'number' | 'boolean', limits: Record<string, number> = {}) => ({
  wire: { type, ...limits },
});

export function queryInteger(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum))
    .meta(wire('integer', { minimum, ...(maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }) }));
}

export function queryNumber(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,15}(\.\d{1,15})?$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .meta(wire('number', { minimum, maximum }));
}

export const queryBoolean = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta(wire('boolean'));

/** Several values in one parameter, separated by commas. */
export function queryList<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item).max(100))
    .meta({ wire: { type: 'string', description: 'Separated by commas.' } });
}

export const queryText = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL characters');

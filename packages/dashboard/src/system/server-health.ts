import { z } from 'zod';

/** What `/health` tells: a status, and one for each component. */
const componentSchema = z.looseObject({ status: z.string() });
export const healthSchema = z.looseObject({
  status: z.string(),
  components: z.record(z.string(), componentSchema).catch({}),
});
export type ServerHealth = z.infer<typeof healthSchema>;

const GOOD = new Set(['ok', 'up', 'healthy', 'ready', 'pass', 'closed']);

export function isGood(status: string): boolean {
  return GOOD.has(status.toLowerCase());
}

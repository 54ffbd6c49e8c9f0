import { z } from 'zod';

/**
 * How TypeScript and JavaScript are read: with types, or by their structure alone, which is what each file declares, imports and exports, many
 * times as fast.
 */
export const indexModeSchema = z.enum(['types', 'structure']);
export type IndexMode = z.infer<typeof indexModeSchema>;

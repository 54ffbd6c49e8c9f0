import { z } from 'zod';
import { roleSchema } from './api-key.ts';

/** Seconds after which a person signs in again, however busy. */
export const BROWSER_SESSION_SECONDS = 7 * 86_400;
/** Seconds without any request after which a browser session is over: a page that is looked at asks all the time. */
export const BROWSER_SESSION_IDLE_SECONDS = 12 * 3600;

/** A person's right to use the dashboard: opened with a key, as which it acts, and over when that key's secret is. */
export const browserSessionSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  keyId: z.string(),
  keyName: z.string(),
  role: roleSchema,
  createdAt: z.iso.datetime(),
  /** To a minute. */
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type BrowserSession = z.infer<typeof browserSessionSchema>;

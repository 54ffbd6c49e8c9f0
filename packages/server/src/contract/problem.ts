import { z } from 'zod';

/** RFC 9457. `code` is stable and for programs, `detail` says what to do next; further fields are the error's facts. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string(),
  traceId: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

import { z } from 'zod';
import { attributionSchema } from './workspace-change.ts';

/** By whose hand a line came. */
export const blamedLineSchema = z.object({
  /** From 1. */
  line: z.int().positive(),
  text: z.string(),
  /** The change that brought it; null: it was there before Signalbox looked for the first time. */
  changeId: z.string().nullable(),
  position: z.int().nullable(),
  attribution: attributionSchema.nullable(),
  sessionId: z.string().nullable(),
  callId: z.string().nullable(),
  tool: z.string().nullable(),
  actor: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});
export type BlamedLine = z.infer<typeof blamedLineSchema>;

export const blameSchema = z.object({
  workspaceId: z.string(),
  path: z.string(),
  /** Of the capture whose lines these are. */
  position: z.int(),
  /** Without lines then. */
  binary: z.boolean(),
  lines: z.array(blamedLineSchema),
});
export type Blame = z.infer<typeof blameSchema>;

import { type AdoptedEvent, adoptedEventSchema, inputError } from '@signalbox/core';
import { z } from 'zod';
import type { HookReport } from '../hook-report.ts';

const whose = { conversation: z.string().min(1).max(200), directory: z.string().min(1) };
const reportSchema = z.object({ ...whose, event: adoptedEventSchema });
const KNOWN: ReadonlySet<string> = new Set(adoptedEventSchema.options.map((option) => option.shape.type.value));

/** Told by a plugin that is newer than we are. */
const unknownSchema = z.object({ ...whose, event: z.looseObject({ type: z.string().min(1).max(100) }) });

/**
 * What the plugin that `signalbox connect opencode` writes tells of. It speaks our words already, since it has to follow the
 * conversation anyway; what this version does not know is noted. @throws VALIDATION_FAILED
 */
export function readOpencodeHook(given: unknown): HookReport {
  const known = reportSchema.safeParse(given);
  if (known.success) return known.data;
  const unknown = unknownSchema.safeParse(given);
  if (!unknown.success || KNOWN.has(unknown.data.event.type)) throw inputError(known.error);
  const { conversation, directory, event } = unknown.data;
  const { type, ...detail } = event;
  const noted = { type: 'noted', phase: `opencode.${type}`, detail } as AdoptedEvent;
  return { conversation, directory, event: noted };
}

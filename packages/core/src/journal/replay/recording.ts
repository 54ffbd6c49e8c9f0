import { z } from 'zod';
import { journalEventSchema, journalEventTypeSchema } from '../journal-event.ts';
import { sessionStateSchema } from '../state/session-state.ts';
import { stateDeltaSchema } from './state-delta.ts';

/** How a session is recorded (REPLAY-001). */
export const recordingSettingsSchema = z.strictObject({
  compression: z.boolean().default(true),
  /** Seconds after which a recording that has changed gets a snapshot, beside those that come by number. */
  snapshotInterval: z.int().min(1).max(86_400).default(300),
  /** Seconds after which it ends by itself. */
  maxDuration: z.int().min(1).max(604_800).default(3600),
  /** Whether it is read back and checked when it ends. */
  validation: z.boolean().default(true),
  /** Whether events say what they changed of the last snapshot. */
  delta: z.boolean().default(true),
});
export type RecordingSettings = z.output<typeof recordingSettingsSchema>;

export const startRecordingSchema = recordingSettingsSchema.extend({
  title: z
    .string()
    .refine((text) => !text.includes('\0'), 'must not contain NUL characters')
    .pipe(z.string().trim().min(1).max(200))
    .optional(),
});
export type StartRecording = z.input<typeof startRecordingSchema>;

/** A recording of what has happened already; bounds are inclusive, and open by default. */
export const makeRecordingSchema = startRecordingSchema
  .omit({ snapshotInterval: true, maxDuration: true })
  .extend({ fromSeq: z.int().min(1).optional(), toSeq: z.int().min(1).optional() });
export type MakeRecording = z.input<typeof makeRecordingSchema>;

/** What a snapshot holds (REPLAY-002): the state at its event, and the checksum of what can be compared (REPLAY-015). */
export const snapshotSchema = z.object({ state: sessionStateSchema, checksum: z.string() });

/** One entry of a recording (REPLAY-003): an event, or the state right after one. */
export const frameSchema = z.object({
  seq: z.int().min(0),
  kind: z.enum(['event', 'snapshot']),
  /** When its event happened. */
  at: z.iso.datetime(),
  /** Of an event frame: the snapshot before it. */
  base: z.int().min(0).nullable(),
  /** As the journal has it, with its payload even where that stands apart there. */
  event: journalEventSchema.nullable(),
  /** What differs from the snapshot before it; null where nothing does. */
  delta: stateDeltaSchema.nullable(),
  snapshot: snapshotSchema.nullable(),
});
export type Frame = z.infer<typeof frameSchema>;

export const validationSchema = z.enum(['passed', 'failed', 'not-run']);
/** Something that validation found; without a place where it concerns the recording as a whole. */
export const findingSchema = z.object({
  seq: z.int().nullable(),
  kind: z.enum(['event', 'snapshot']).nullable(),
  reason: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

/** A recording without its frames (REPLAY-004). */
export const recordingSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  /** The session it was recorded from; it may be gone. */
  sessionId: z.string(),
  title: z.string(),
  status: z.enum(['recording', 'completed', 'interrupted']),
  /** Why it ended: `stopped max_duration session_gone shutdown interrupted made imported`. */
  reason: z.string().nullable(),
  settings: recordingSettingsSchema,
  /** The event before its first one: its first frame is the state then. */
  baseSeq: z.int(),
  /** Its last event. */
  lastSeq: z.int(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  totalFrames: z.int(),
  eventFrames: z.int(),
  snapshotFrames: z.int(),
  /** Of all frames as JSON. */
  rawBytes: z.int(),
  /** Of all frames as they are stored. */
  storedBytes: z.int(),
  /** `storedBytes` / `rawBytes`; exactly 1 without compression. */
  compressionRatio: z.number(),
  validation: validationSchema,
  findings: z.array(findingSchema),
  createdBy: z.string().nullable(),
});
export type Recording = z.infer<typeof recordingSchema>;

/** Which frames to load (REPLAY-030). Frames without an event pass the filters of events. */
export const frameFilterSchema = z.strictObject({
  /** Inclusive. The nearest snapshot at or below it comes first, as a base. */
  fromSeq: z.int().min(0).optional(),
  /** Inclusive. */
  toSeq: z.int().min(0).optional(),
  types: z.array(journalEventTypeSchema).optional(),
  actors: z.array(z.string()).optional(),
  /** Default true. */
  includeSnapshots: z.boolean().optional(),
});
export type FrameFilter = z.infer<typeof frameFilterSchema>;

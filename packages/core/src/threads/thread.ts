import { z } from 'zod';

/** Inline up to here; larger values stand among the contents, where equal ones are stored once. */
export const INLINE_VALUE_BYTES = 8 * 1024;
/** Most bytes that one save, or one call of writes, may bring. */
export const MAX_SAVE_BYTES = 32 * 1024 * 1024;

const text = z
  .string()
  .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must be text without NUL characters');
export const threadIdSchema = text.pipe(z.string().min(1).max(200));
export const namespaceSchema = text.pipe(z.string().max(1_000));
export const checkpointIdSchema = text.pipe(z.string().min(1).max(120));
const name = text.pipe(z.string().max(500));
/** Numbers or text that grow with each change of the channel. */
export const channelVersionSchema = z.union([z.number(), text.pipe(z.string().max(200))]);
export type ChannelVersion = z.infer<typeof channelVersionSchema>;

/** A value as the graph's own serialiser wrote it: how, and the bytes, which are kept exactly. */
export interface TypedBytes {
  type: string;
  bytes: Uint8Array;
}
const typedBytesSchema = z.strictObject({
  type: name,
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes'),
});

/** Which checkpoint of a thread. */
export const checkpointKeySchema = z.strictObject({
  threadId: threadIdSchema,
  /** Empty for the graph itself, else the path of a graph within it. */
  namespace: namespaceSchema.default(''),
  /** Null or left out for the latest. */
  checkpointId: checkpointIdSchema.nullable().default(null),
});
export type CheckpointKey = z.input<typeof checkpointKeySchema>;

/** A record would drop such a channel without a word. */
function namesNoPrototype(value: unknown): boolean {
  return typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__');
}

/** A checkpoint to save: what changed since its parent, and the versions of all channels. */
export const saveCheckpointSchema = z.strictObject({
  threadId: threadIdSchema,
  namespace: namespaceSchema.default(''),
  checkpointId: checkpointIdSchema,
  parentId: checkpointIdSchema.nullable().default(null),
  versions: z
    .custom<Record<string, ChannelVersion>>(namesNoPrototype, 'must not have a channel named __proto__')
    .pipe(z.record(name, channelVersionSchema)),
  /** The checkpoint without versions and values. */
  body: typedBytesSchema,
  /** JSON where checkpoints are to be found by it. */
  metadata: typedBytesSchema,
  /** The channels that changed; null for one without a value. */
  values: z
    .array(z.strictObject({ channel: name, version: channelVersionSchema, value: typedBytesSchema.nullable() }))
    .max(10_000),
});
export type SaveCheckpoint = z.input<typeof saveCheckpointSchema>;

/** What a task wrote after a checkpoint. */
export const saveWritesSchema = z.strictObject({
  threadId: threadIdSchema,
  namespace: namespaceSchema.default(''),
  checkpointId: checkpointIdSchema,
  taskId: name,
  /** Where the task stands within its step; writes are given back in this order. */
  taskPath: text.pipe(z.string().max(2_000)).default(''),
  /** `idx` below zero: a task has one of these, and it is replaced; others are kept as they were first written. */
  writes: z
    .array(z.strictObject({ idx: z.int().min(-1_000).max(1_000_000), channel: name, value: typedBytesSchema }))
    .max(10_000),
});
export type SaveWrites = z.input<typeof saveWritesSchema>;

/** A checkpoint with the values of its channels, and what tasks wrote after it. */
export interface ThreadCheckpoint {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  createdAt: string;
  versions: Record<string, ChannelVersion>;
  body: TypedBytes;
  metadata: TypedBytes;
  /** Of the channels that have one. */
  values: { channel: string; value: TypedBytes }[];
  /** By task path, task and index, compared by code point. */
  writes: ThreadWrite[];
}

export interface ThreadWrite {
  taskId: string;
  taskPath: string;
  idx: number;
  channel: string;
  value: TypedBytes;
}

export const listCheckpointsSchema = z.strictObject({
  threadId: threadIdSchema.optional(),
  namespace: namespaceSchema.optional(),
  checkpointId: checkpointIdSchema.optional(),
  /** Checkpoints with ids below this. */
  before: checkpointIdSchema.optional(),
  /** What the metadata has to contain, as PostgreSQL's `@>` compares. */
  metadata: z.record(z.string(), z.json()).optional(),
  limit: z.int().min(0).max(1_000).default(100),
  cursor: z.string().max(4_000).optional(),
});
export type ListCheckpoints = z.input<typeof listCheckpointsSchema>;

export interface CheckpointPage {
  /** Newest first. */
  items: ThreadCheckpoint[];
  /** Give it as `cursor` to go on; null at the end. */
  nextCursor: string | null;
}

/** An external graph's series of checkpoints. */
export interface Thread {
  threadId: string;
  createdAt: string;
  checkpoints: number;
  lastSavedAt: string | null;
  /** Of checkpoints and of values that stand in them; larger values are shared, and not counted. */
  bytes: number;
}

export const listThreadsSchema = z.strictObject({
  /** Threads whose id comes after this one. */
  after: threadIdSchema.optional(),
  limit: z.int().min(1).max(1_000).default(100),
});
export type ListThreads = z.input<typeof listThreadsSchema>;

export interface ThreadPage {
  items: Thread[];
  nextAfter: string | null;
}

export const pruneThreadsSchema = z
  .strictObject({
    /** Left out: all threads of the project. */
    threadId: threadIdSchema.optional(),
    /** Keep this many, the newest, in each namespace. */
    keepLast: z.int().min(1).max(1_000_000).optional(),
    /** Keep those younger than this. */
    olderThanSeconds: z.int().min(0).optional(),
  })
  .refine(({ keepLast, olderThanSeconds }) => keepLast !== undefined || olderThanSeconds !== undefined, {
    message: 'give keepLast, olderThanSeconds or both',
  });
export type PruneThreads = z.input<typeof pruneThreadsSchema>;

export interface PrunedThreads {
  threads: number;
  checkpoints: number;
  values: number;
}

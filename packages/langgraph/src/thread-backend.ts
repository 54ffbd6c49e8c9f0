/** A value as the graph's serialiser wrote it. */
export interface TypedBytes {
  type: string;
  bytes: Uint8Array;
}

/** Which checkpoint; without an id, the latest of the thread and namespace. */
export interface CheckpointKey {
  threadId: string;
  namespace: string;
  checkpointId: string | null;
}

export interface CheckpointToSave {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  versions: Record<string, number | string>;
  body: TypedBytes;
  metadata: TypedBytes;
  /** Of the channels that changed; null for one without a value. */
  values: { channel: string; version: number | string; value: TypedBytes | null }[];
}

export interface WritesToSave {
  threadId: string;
  namespace: string;
  checkpointId: string;
  taskId: string;
  taskPath: string;
  writes: { idx: number; channel: string; value: TypedBytes }[];
}

export interface StoredCheckpoint {
  threadId: string;
  namespace: string;
  checkpointId: string;
  parentId: string | null;
  versions: Record<string, number | string>;
  body: TypedBytes;
  metadata: TypedBytes;
  values: { channel: string; value: TypedBytes }[];
  /** In the order in which a run applies them. */
  writes: { taskId: string; channel: string; value: TypedBytes }[];
}

export interface CheckpointQuery {
  threadId?: string;
  namespace?: string;
  checkpointId?: string;
  before?: string;
  // biome-ignore lint/suspicious/noExplicitAny: as LangGraph types the filter
  metadata?: Record<string, any>;
  limit?: number;
  cursor?: string;
}

/** Where threads are kept: a server ({@link import('./client-backend.ts').overClient}), or core in this process. */
export interface ThreadBackend {
  save(checkpoint: CheckpointToSave): Promise<void>;
  write(writes: WritesToSave): Promise<void>;
  load(key: CheckpointKey): Promise<StoredCheckpoint | null>;
  /** Newest first. */
  list(query: CheckpointQuery): Promise<{ items: StoredCheckpoint[]; nextCursor: string | null }>;
  delete(threadId: string): Promise<void>;
}

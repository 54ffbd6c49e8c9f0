import { randomInt } from 'node:crypto';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  getCheckpointId,
  maxChannelVersion,
  type PendingWrite,
  type SerializerProtocol,
  TASKS,
  WRITES_IDX_MAP,
} from '@langchain/langgraph-checkpoint';
import type { CheckpointKey, CheckpointQuery, StoredCheckpoint, ThreadBackend, TypedBytes } from './thread-backend.ts';

/** Checkpoints of this format and later hold their pending sends themselves. */
const HOLDS_SENDS = 4;
const LIST_PAGE = 100;
const VERSION_PARTS = 1_000_000_000;

export interface SignalboxSaverOptions {
  backend: ThreadBackend;
  /** How values become bytes; LangGraph's own by default. */
  serde?: SerializerProtocol;
  /** A whole number below the given one; for tests. */
  random?: (below: number) => number;
}

/** Signalbox as the store of LangGraph graphs: `graph.compile({ checkpointer: new SignalboxSaver({ backend }) })`. */
export class SignalboxSaver extends BaseCheckpointSaver {
  readonly #backend: ThreadBackend;
  readonly #random: (below: number) => number;

  constructor({ backend, serde, random = randomInt }: SignalboxSaverOptions) {
    super(serde);
    this.#backend = backend;
    this.#random = random;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread_id: threadId, checkpoint_ns: namespace = '' } = config.configurable ?? {};
    if (threadId === undefined) return undefined;
    const stored = await this.#backend.load({ threadId, namespace, checkpointId: getCheckpointId(config) || null });
    return stored ? this.#toTuple(stored) : undefined;
  }

  override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const query = queryOf(config, options);
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (let cursor: string | null = null; left > 0; ) {
      const limit = Math.min(left, LIST_PAGE);
      const page = await this.#backend.list({ ...query, limit, ...(cursor === null ? {} : { cursor }) });
      for (const stored of page.items) yield await this.#toTuple(stored);
      left -= limit;
      cursor = page.nextCursor;
      if (cursor === null) return;
    }
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId: parentId } = placeOf(config, 'checkpoint');
    // What stands in columns of its own is not stored twice: of a checkpoint at which nothing changed, each byte counts.
    const { id: checkpointId, channel_values: held, channel_versions: versions, ...rest } = checkpoint;
    const [body, about, values] = await Promise.all([
      this.#dump(rest),
      this.#dump(metadata),
      Promise.all(
        Object.entries(newVersions).map(async ([channel, version]) => {
          const value = Object.hasOwn(held, channel) ? await this.#dump(held[channel]) : null;
          return { channel, version, value };
        }),
      ),
    ]);
    await this.#backend.save({ threadId, namespace, checkpointId, parentId, versions, body, metadata: about, values });
    return configOf({ threadId, namespace, checkpointId });
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath = '',
  ): Promise<void> {
    const { threadId, namespace, checkpointId } = placeOf(config, 'writes');
    if (checkpointId === null) throw new Error('The writes of a task need a "checkpoint_id" in "configurable".');
    const dumped = await Promise.all(
      writes.map(async ([channel, value], index) => ({
        idx: WRITES_IDX_MAP[channel] ?? index,
        channel,
        value: await this.#dump(value),
      })),
    );
    await this.#backend.write({ threadId, namespace, checkpointId, taskId, taskPath, writes: dumped });
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.#backend.delete(threadId);
  }

  /**
   * The next whole number and a random part, so that two branches of a thread never give one version to two values: both would go on
   * from the same number, and what stands elsewhere than was thought is looked for by its channel and version.
   */
  override getNextVersion(current: number | undefined): number {
    return Math.floor(current ?? 0) + 1 + this.#random(VERSION_PARTS) / VERSION_PARTS;
  }

  async #toTuple(stored: StoredCheckpoint): Promise<CheckpointTuple> {
    const { threadId, namespace, parentId } = stored;
    const [rest, metadata, values, pendingWrites] = await Promise.all([
      this.#load(stored.body),
      this.#load(stored.metadata),
      Promise.all(
        stored.values.map(async ({ channel, value }) => [channel, await this.#load(value)] as [string, unknown]),
      ),
      this.#loadWrites(stored.writes),
    ]);
    const checkpoint: Checkpoint = {
      ...rest,
      id: stored.checkpointId,
      channel_values: Object.fromEntries(values),
      channel_versions: stored.versions,
    };
    if (checkpoint.v < HOLDS_SENDS && parentId !== null) {
      await this.#addSends(checkpoint, { threadId, namespace, checkpointId: parentId });
    }
    return {
      config: configOf(stored),
      checkpoint,
      metadata,
      pendingWrites,
      ...(parentId === null ? {} : { parentConfig: configOf({ threadId, namespace, checkpointId: parentId }) }),
    };
  }

  /** Older formats left what was sent with the parent's writes. */
  async #addSends(checkpoint: Checkpoint, parent: CheckpointKey): Promise<void> {
    const writes = (await this.#backend.load(parent))?.writes ?? [];
    const sends = writes.filter(({ channel }) => channel === TASKS).map(({ value }) => this.#load(value));
    const versions = Object.values(checkpoint.channel_versions);
    checkpoint.channel_values[TASKS] = await Promise.all(sends);
    checkpoint.channel_versions[TASKS] =
      versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
  }

  #loadWrites(writes: StoredCheckpoint['writes']): Promise<[string, string, unknown][]> {
    return Promise.all(
      writes.map(
        async ({ taskId, channel, value }) => [taskId, channel, await this.#load(value)] as [string, string, unknown],
      ),
    );
  }

  async #dump(value: unknown): Promise<TypedBytes> {
    const [type, bytes] = await this.serde.dumpsTyped(value);
    return { type, bytes };
  }

  #load({ type, bytes }: TypedBytes) {
    // A view of the plain kind: what was given as Uint8Array comes back as one, not as Node's Buffer.
    return this.serde.loadsTyped(type, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

function placeOf(config: RunnableConfig, what: string): CheckpointKey {
  const { thread_id: threadId, checkpoint_ns: namespace = '', checkpoint_id } = config.configurable ?? {};
  if (typeof threadId !== 'string' || threadId === '') {
    throw new Error(`To save ${what}, give a "thread_id" in "configurable": it says to which thread they belong.`);
  }
  return { threadId, namespace, checkpointId: checkpoint_id || null };
}

function configOf({ threadId, namespace, checkpointId }: CheckpointKey): RunnableConfig {
  return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpointId } };
}

function queryOf(config: RunnableConfig, { before, filter }: CheckpointListOptions): CheckpointQuery {
  const { thread_id: threadId, checkpoint_ns: namespace } = config.configurable ?? {};
  const checkpointId = getCheckpointId(config);
  const beforeId = before && getCheckpointId(before);
  return {
    ...(threadId ? { threadId } : {}),
    ...(namespace === undefined || namespace === null ? {} : { namespace }),
    ...(checkpointId ? { checkpointId } : {}),
    ...(beforeId ? { before: beforeId } : {}),
    ...(filter && Object.keys(filter).length > 0 ? { metadata: filter } : {}),
  };
}

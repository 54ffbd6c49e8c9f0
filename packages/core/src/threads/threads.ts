import type { z } from 'zod';
import { recordAudit } from '../audit/index.ts';
import { Batcher, type BatchObserver, type Outcome } from '../platform/batching/index.ts';
import type { Database } from '../platform/database/index.ts';
import { inputError, parseInput, SignalboxError } from '../platform/errors/index.ts';
import { recordFeed, signalFeed } from '../platform/feed/index.ts';
import { type Ids, systemIds } from '../platform/ids/ids.ts';
import { type ChannelPlaces, nameOfValue, placesOf, readPlaces, writePlaces } from './channel-places.ts';
import { decodePlace, encodePlace } from './checkpoint-cursor.ts';
import { type BroughtValue, isSameValue, type PlacedValue, unpackHeld } from './held-values.ts';
import { placeValues } from './place-values.ts';
import { RecentThreads } from './recent-threads.ts';
import {
  type CheckpointKey,
  type CheckpointPage,
  checkpointKeySchema,
  type ListCheckpoints,
  type ListThreads,
  listCheckpointsSchema,
  listThreadsSchema,
  MAX_SAVE_BYTES,
  type PrunedThreads,
  type PruneThreads,
  pruneThreadsSchema,
  type SaveCheckpoint,
  type SaveWrites,
  saveCheckpointSchema,
  saveWritesSchema,
  type Thread,
  type ThreadCheckpoint,
  type ThreadPage,
  type TypedBytes,
} from './thread.ts';
import { deleteThread, listPlaces, listThreads, pruneThread } from './thread-list-store.ts';
import {
  holdThreads,
  isThreadGone,
  type LoadCall,
  loadCheckpoints,
  lockHeldValues,
  readChannels,
  type SaveCall,
  saveCheckpoints,
  saveWrites,
  setHeldValues,
} from './thread-store.ts';

export interface ThreadsOptions {
  database: Database;
  ids?: Ids;
  observer?: BatchObserver | undefined;
}

/** Most bytes of values in one statement, and waiting in memory. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** So that one batch is made ready while the database works on another. */
const LANES = 2;
/** Checkpoints loaded by one statement of a list, and threads looked at in one go. */
const PAGE = 100;

type Scoped<T> = T & { projectId: string };
type Save = Scoped<z.output<typeof saveCheckpointSchema>> & { parent: ChannelPlaces | null; channels: string };
type Writes = Scoped<z.output<typeof saveWritesSchema>>;

/**
 * Threads: the checkpoints of graphs that run elsewhere, LangGraph's above all. A checkpoint's row
 * has what the checkpoint brought and says where the values of its other channels stand; large values are stored once per content. So a
 * checkpoint at which little changed adds little.
 *
 * Calls travel together with those of other callers (natural batching). A save is one statement that writes one row, and one statement
 * more where values over 8 KB come with it; the first of a thread here takes two more.
 */
export class Threads {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #recent = new RecentThreads();
  readonly #saves: Batcher<Save, void>;
  readonly #writes: Batcher<Writes, void>;
  readonly #loads: Batcher<LoadCall, ThreadCheckpoint | null>;

  constructor({ database, ids = systemIds, observer }: ThreadsOptions) {
    this.#database = database;
    this.#ids = ids;
    const bounds = { lanes: LANES, maxBatchWeight: MAX_BATCH_BYTES, maxWaitingWeight: MAX_WAITING_BYTES };
    const watched = observer ? { observer } : {};
    this.#saves = new Batcher<Save, void>({
      verb: 'threads.save',
      run: (calls) => this.#runSaves(calls),
      weigh: weightOf,
      exclusive: (call) => [nameOf(call)],
      ...bounds,
      ...watched,
    });
    this.#writes = new Batcher<Writes, void>({
      verb: 'threads.write',
      run: (calls) => this.#runWrites(calls),
      weigh: weightOfWrites,
      exclusive: (call) => [nameOf(call)],
      ...bounds,
      ...watched,
    });
    this.#loads = new Batcher<LoadCall, ThreadCheckpoint | null>({
      verb: 'threads.load',
      run: (calls) => this.#runLoads(calls),
      lanes: LANES,
      ...watched,
    });
  }

  /**
   * Saves a checkpoint. Its parent need not be there. Safe to repeat; what it brought once it may not bring with another value.
   *
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, THREAD_SAVE_TOO_LARGE, THREAD_VERSION_TAKEN, OVERLOADED, OUTCOME_UNKNOWN (repeat it),
   *   DATABASE_UNAVAILABLE
   */
  async save(projectId: string, input: SaveCheckpoint): Promise<void> {
    const given = { projectId, ...checked(saveCheckpointSchema, input) };
    assertSize(weightOf(given));
    // Without a wait where it is known, and remembered before it is stored: the next save may be called before this one is done.
    const parent = given.parentId === null ? null : (this.#knownPlaces(given) ?? (await this.#readPlaces(given)));
    await this.#saves.call({ ...given, parent, channels: this.#place(given, parent) });
  }

  /**
   * Keeps what a task wrote after a checkpoint, which need not be there yet. Safe to repeat.
   *
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, THREAD_SAVE_TOO_LARGE, OVERLOADED, OUTCOME_UNKNOWN (repeat it), DATABASE_UNAVAILABLE
   */
  async write(projectId: string, input: SaveWrites): Promise<void> {
    const call = { projectId, ...checked(saveWritesSchema, input) };
    assertSize(weightOfWrites(call));
    if (call.writes.length > 0) await this.#writes.call(call);
  }

  /** The checkpoint named, or the latest of its thread and namespace; null where there is none. @throws VALIDATION_FAILED, OVERLOADED */
  async load(projectId: string, key: CheckpointKey): Promise<ThreadCheckpoint | null> {
    return this.#loads.call({ projectId, ...checked(checkpointKeySchema, key) });
  }

  /** Checkpoints of one thread or of all, newest first. @throws VALIDATION_FAILED, INVALID_CURSOR */
  async list(projectId: string, input: ListCheckpoints = {}): Promise<CheckpointPage> {
    const { limit, cursor, ...query } = parseInput(listCheckpointsSchema, input);
    const after = cursor === undefined ? null : decodePlace(cursor);
    const { threadId = null, namespace = null, checkpointId = null, before = null, metadata = null } = query;
    const wanted = { threadId, namespace, checkpointId, before, metadata };
    const found = await listPlaces(this.#database, projectId, wanted, after, limit + 1);
    const places = found.slice(0, limit);
    const items: ThreadCheckpoint[] = [];
    for (let at = 0; at < places.length; at += PAGE) {
      const calls = places.slice(at, at + PAGE).map((place) => ({ projectId, ...place }));
      // One that was deleted between the two looks is left out.
      items.push(...(await loadCheckpoints(this.#database, calls)).filter((item) => item !== null));
    }
    const last = places.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodePlace(last) : null };
  }

  /** Threads in the order of their ids. @throws VALIDATION_FAILED */
  async threads(projectId: string, input: ListThreads = {}): Promise<ThreadPage> {
    const { after = null, limit } = parseInput(listThreadsSchema, input);
    const found = await listThreads(this.#database, projectId, { after, threadId: null, limit: limit + 1 });
    const items = found.slice(0, limit);
    return { items, nextAfter: found.length > limit ? (items.at(-1)?.threadId ?? null) : null };
  }

  /** @throws THREAD_NOT_FOUND */
  async thread(projectId: string, threadId: string): Promise<Thread> {
    const [thread] = await listThreads(this.#database, projectId, { after: null, threadId, limit: 1 });
    if (!thread) throw new SignalboxError('THREAD_NOT_FOUND', { id: threadId });
    return thread;
  }

  /** Deletes a thread with all it has; answers whether there was one. */
  async delete(projectId: string, threadId: string, actor: string): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      if (!(await deleteThread(tx, projectId, threadId))) return false;
      const entry = { actor, action: 'thread.delete', subjectType: 'thread', subjectId: threadId };
      await recordAudit(tx, projectId, entry, this.#ids);
      await recordFeed(tx, projectId, 'thread', { deleted: [threadId] });
      return true;
    });
  }

  /**
   * Deletes old checkpoints; see `sb_threads_prune` for what is kept. One transaction for each thread. What no checkpoint refers to
   * any more goes at once, large values within a day.
   *
   * @throws VALIDATION_FAILED, THREAD_NOT_FOUND
   */
  async prune(projectId: string, input: PruneThreads, actor: string): Promise<PrunedThreads> {
    const { threadId, keepLast = null, olderThanSeconds = null } = parseInput(pruneThreadsSchema, input);
    const pruned: PrunedThreads = { threads: 0, checkpoints: 0, values: 0 };
    const one = async (id: string) => {
      const { checkpoints, values } = await this.#prune(projectId, id, { keepLast, olderThanSeconds }, actor);
      if (checkpoints > 0) pruned.threads += 1;
      pruned.checkpoints += checkpoints;
      pruned.values += values;
    };
    if (threadId !== undefined) {
      await one((await this.thread(projectId, threadId)).threadId);
      return pruned;
    }
    for (let after: string | null = null; ; ) {
      const page: ThreadPage = await this.threads(projectId, { limit: PAGE, ...(after === null ? {} : { after }) });
      for (const thread of page.items) await one(thread.threadId);
      if (page.nextAfter === null) return pruned;
      after = page.nextAfter;
    }
  }

  /** Resolves once all calls made so far have their answers. */
  async drain(): Promise<void> {
    await Promise.all([this.#saves.drain(), this.#writes.drain(), this.#loads.drain()]);
  }

  #prune(
    projectId: string,
    threadId: string,
    bounds: { keepLast: number | null; olderThanSeconds: number | null },
    actor: string,
  ): Promise<{ checkpoints: number; values: number }> {
    return this.#database.transaction(async (tx) => {
      const pruned = await pruneThread(tx, projectId, threadId, bounds);
      if (pruned.checkpoints === 0) return pruned;
      const details = { ...bounds, ...pruned };
      const entry = { actor, action: 'thread.prune', subjectType: 'thread', subjectId: threadId, details };
      await recordAudit(tx, projectId, entry, this.#ids);
      await recordFeed(tx, projectId, 'thread', { pruned: [threadId] });
      return pruned;
    });
  }

  #knownPlaces(given: Scoped<{ threadId: string; namespace: string; parentId: string | null }>): ChannelPlaces | null {
    return this.#recent.placesAt(nameOf(given), given.parentId ?? '');
  }

  async #readPlaces({
    projectId,
    threadId,
    namespace,
    parentId,
  }: Scoped<{ threadId: string; namespace: string; parentId: string | null }>): Promise<ChannelPlaces | null> {
    const channels = await readChannels(this.#database, projectId, {
      threadId,
      namespace,
      checkpointId: parentId ?? '',
    });
    return channels === null ? null : readPlaces(channels);
  }

  /** Where the values of a checkpoint's channels stand, as it is stored. */
  #place(
    checkpoint: Scoped<{ threadId: string; namespace: string }> & Parameters<typeof placesOf>[0],
    parent: ChannelPlaces | null,
  ): string {
    const places = placesOf(checkpoint, parent);
    this.#recent.rememberPlaces(nameOf(checkpoint), checkpoint.checkpointId, places);
    return writePlaces(places);
  }

  async #runSaves(calls: readonly Save[]): Promise<Outcome<void>[]> {
    const values = calls.flatMap((call) => call.values.map(({ value }) => ({ projectId: call.projectId, value })));
    const placed = (await placeValues(this.#database, values)).values();
    const ready = calls.map((call) => ({
      ...call,
      values: call.values.map(({ channel, version }) => ({ channel, version, placed: next(placed) })),
    }));
    const differing = new Set(await this.#saveAll(ready));
    signalFeed();
    return Promise.all(
      ready.map(async (call, n): Promise<Outcome<void>> => {
        if (!differing.has(n)) return { value: undefined };
        return this.#saveAgain(call).then(
          () => ({ value: undefined }),
          (error: unknown) => ({ error }),
        );
      }),
    );
  }

  /** See {@link saveCheckpoints}; the threads are looked for, or made, where their numbers are not known. */
  async #saveAll(calls: readonly SaveCall[]): Promise<number[]> {
    const known = calls.flatMap(({ projectId, threadId }) => this.#recent.idOf(projectId, threadId) ?? []);
    if (known.length === calls.length) {
      try {
        return await saveCheckpoints(this.#database, calls, known);
      } catch (error) {
        if (!isThreadGone(error)) throw error;
      }
    }
    const { threads, differing } = await this.#database.transaction(async (tx) => {
      const threads = await holdThreads(tx, calls);
      return { threads, differing: await saveCheckpoints(tx, calls, threads) };
    });
    for (const [n, { projectId, threadId }] of calls.entries())
      this.#recent.rememberId(projectId, threadId, threads[n] ?? '');
    return differing;
  }

  /** Saves a checkpoint that is there with other values: those it has stay, further ones are added. @throws THREAD_VERSION_TAKEN */
  #saveAgain(call: Omit<Save, 'values'> & SaveCall): Promise<void> {
    return this.#database.transaction(async (tx) => {
      const [thread = ''] = await holdThreads(tx, [call]);
      const there = await lockHeldValues(tx, thread, call);
      const values = there ? bothOf(call, unpackHeld(there)) : call.values;
      const both = { ...call, values, channels: this.#place({ ...call, values }, call.parent) };
      if (there) await setHeldValues(tx, thread, both);
      await saveCheckpoints(tx, [both], [thread]);
    });
  }

  async #runWrites(calls: readonly Writes[]): Promise<Outcome<void>[]> {
    const single = calls.map((call) => ({ ...call, writes: lastOfEach(call.writes) }));
    const values = single.flatMap((call) => call.writes.map(({ value }) => ({ projectId: call.projectId, value })));
    const placed = (await placeValues(this.#database, values)).values();
    const ready = single.map((call) => ({
      ...call,
      writes: call.writes.map(({ idx, channel }) => ({ idx, channel, placed: next(placed) })),
    }));
    await saveWrites(this.#database, ready);
    return calls.map(() => ({ value: undefined }));
  }

  async #runLoads(calls: readonly LoadCall[]): Promise<Outcome<ThreadCheckpoint | null>[]> {
    return (await loadCheckpoints(this.#database, calls)).map((value) => ({ value }));
  }
}

/** Without a walk through every byte of the values, as {@link parseInput} would make. */
function checked<S extends z.ZodObject>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (!result.success) throw inputError(result.error, Object.keys(schema.shape));
  return result.data;
}

/** What a checkpoint brought before and brings now. @throws THREAD_VERSION_TAKEN */
function bothOf({ threadId, values }: SaveCall, there: ReadonlyMap<string, BroughtValue>): BroughtValue[] {
  const both = new Map(there);
  for (const value of values) {
    const { channel, version, placed } = value;
    const before = there.get(nameOfValue(channel, version));
    if (before && !isSameValue(before.placed, placed)) {
      throw new SignalboxError('THREAD_VERSION_TAKEN', { threadId, channel, version: String(version) });
    }
    if (!before) both.set(nameOfValue(channel, version), value);
  }
  return [...both.values()];
}

/** Each index once: the last of those that are replaced, the first of others. */
function lastOfEach<W extends { idx: number }>(writes: readonly W[]): W[] {
  const each = new Map<number, W>();
  for (const write of writes) if (write.idx < 0 || !each.has(write.idx)) each.set(write.idx, write);
  return [...each.values()];
}

function next(placed: Iterator<PlacedValue>): PlacedValue {
  const { value, done } = placed.next();
  if (done) throw new SignalboxError('REPOSITORY_ERROR', { reason: 'a value was not placed' });
  return value;
}

function nameOf(call: { projectId: string; threadId: string; namespace: string }): string {
  return [call.projectId, call.threadId, call.namespace].join('\0');
}

function weightOf({ body, metadata, values }: { body: TypedBytes; metadata: TypedBytes; values: Valued[] }): number {
  return body.bytes.length + metadata.bytes.length + sizeOf(values);
}

function weightOfWrites({ writes }: { writes: Valued[] }): number {
  return sizeOf(writes);
}

type Valued = { value: TypedBytes | null };
function sizeOf(values: readonly Valued[]): number {
  return values.reduce((sum, { value }) => sum + (value?.bytes.length ?? 0), 0);
}

function assertSize(size: number): void {
  if (size > MAX_SAVE_BYTES) throw new SignalboxError('THREAD_SAVE_TOO_LARGE', { limit: MAX_SAVE_BYTES, size });
}

import type { ChannelPlaces } from './channel-places.ts';

/** Most channels of all checkpoints remembered, and threads. */
const MAX_CHANNELS = 200_000;
const MAX_THREADS = 20_000;

/**
 * What was last saved here, so that a save needs no look at its parent first. All of it may be out of date without harm: ids of
 * threads are never given twice, and places are hints that a load verifies.
 */
export class RecentThreads {
  readonly #places = new Map<string, { checkpointId: string; places: ChannelPlaces }>();
  readonly #ids = new Map<string, string>();
  #channels = 0;

  /** @param name of the thread and namespace */
  placesAt(name: string, checkpointId: string): ChannelPlaces | null {
    const latest = this.#places.get(name);
    return latest?.checkpointId === checkpointId ? latest.places : null;
  }

  rememberPlaces(name: string, checkpointId: string, places: ChannelPlaces): void {
    this.#forgetPlaces(name);
    this.#places.set(name, { checkpointId, places });
    this.#channels += places.size + 1;
    for (const oldest of this.#places.keys()) {
      if (this.#channels <= MAX_CHANNELS) return;
      this.#forgetPlaces(oldest);
    }
  }

  /** The thread's number within the database. */
  idOf(projectId: string, threadId: string): string | undefined {
    return this.#ids.get(`${projectId}\0${threadId}`);
  }

  rememberId(projectId: string, threadId: string, id: string): void {
    const name = `${projectId}\0${threadId}`;
    this.#ids.delete(name);
    this.#ids.set(name, id);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MAX_THREADS && oldest !== undefined) this.#ids.delete(oldest);
  }

  #forgetPlaces(name: string): void {
    const latest = this.#places.get(name);
    if (!latest) return;
    this.#places.delete(name);
    this.#channels -= latest.places.size + 1;
  }
}

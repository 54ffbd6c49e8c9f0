import { ApiError, type Client, type FeedTopic, type StreamEvent } from '@signalbox/client';
import { TOUCHED } from './touched.ts';

/**
 * How the page stands to the server.
 *
 * - `connecting`: the first connection is being made.
 * - `live`: events come as they are committed.
 * - `reconnecting`: the connection was lost a moment ago and is tried again.
 * - `away`: nobody has answered for a while; it is still tried.
 * - `resting`: the tab is hidden, so it holds no connection; it goes on where it was when it is looked at.
 * - `refused`: the server wants a key, or does not let this one listen.
 */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'away' | 'resting' | 'refused';

/** Lost connections in a row after which the server counts as away. */
const AWAY_AFTER = 3;

/** All that makes some answer old, and which projects there are. */
const FLEET_TOPICS: FeedTopic[] = [...(Object.keys(TOUCHED) as FeedTopic[]), 'project'];
const SESSION_TOPICS: FeedTopic[] = ['session', 'journal', 'checkpoint', 'conflict', 'approval'];

type EventListener = (event: StreamEvent) => void;

/**
 * The one event stream of a tab. Browsers open six connections to a server over HTTP/1.1, for all tabs together, so that
 * a tab holds one (of the fleet, or of the session looked at) and a hidden tab none.
 */
export class LiveConnection {
  readonly #client: Client;
  readonly #eventListeners = new Set<EventListener>();
  readonly #stateListeners = new Set<() => void>();
  #state: LiveState = 'connecting';
  #focus: string | null = null;
  #resting = false;
  #abort: AbortController | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Called with every event of the stream, `open` and `lost` included. Returns how to stop. */
  onEvent(listener: EventListener): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Listens to one session (journal events inline, streamed text) instead of the fleet; null goes back to the fleet. */
  focus(sessionId: string | null): void {
    if (this.#focus === sessionId) return;
    this.#focus = sessionId;
    if (this.#abort !== null) this.start();
  }

  /** Lets go of the connection while nobody looks, and takes it up again. */
  rest(resting: boolean): void {
    if (this.#resting === resting) return;
    this.#resting = resting;
    if (resting) {
      this.#abort?.abort();
      this.#setState('resting');
    } else {
      this.start();
    }
  }

  start(): void {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    if (this.#resting) return;
    if (this.#state !== 'live') this.#setState('connecting');
    void this.#listen(abort.signal);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const focus = this.#focus;
    const options = focus === null ? { topics: FLEET_TOPICS } : { topics: SESSION_TOPICS, sessionId: focus };
    let losses = 0;
    try {
      for await (const event of this.#client.events({ ...options, signal })) {
        if (signal.aborted) return;
        if (event.type === 'open') losses = 0;
        if (event.type === 'lost') losses++;
        if (event.type === 'open') this.#setState('live');
        if (event.type === 'lost') this.#setState(losses >= AWAY_AFTER ? 'away' : 'reconnecting');
        for (const listener of this.#eventListeners) listener(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      // Of a session that is not there nothing can be heard; the page says so, and the fleet is there still.
      if (ApiError.is(error) && error.status === 404 && focus !== null) this.focus(null);
      else this.#setState(ApiError.is(error) ? 'refused' : 'away');
    }
  }

  #setState(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

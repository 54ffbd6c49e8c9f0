import type { JournalEvent, JournalPage } from '@signalbox/client';

export type EventType = JournalEvent['type'];

/** Reads a part of one session's journal. */
export type ReadJournal = (query: {
  afterSeq?: number;
  beforeSeq?: number;
  types?: EventType[];
  pageSize: number;
  order: 'asc' | 'desc';
}) => Promise<JournalPage>;

export interface JournalView {
  /** In order of `seq`. */
  events: readonly JournalEvent[];
  /** The end has been read once. */
  loaded: boolean;
  /** There are events before the first one. */
  hasOlder: boolean;
  loadingOlder: boolean;
  error: unknown;
}

const FIRST_PAGE = 300;
const OLDER_PAGE = 300;
const CATCH_UP_PAGE = 1000;

/**
 * The part of a journal that is looked at: its end, kept current, and as much before it as somebody scrolled to. Sequence
 * numbers are gap-free, so that whatever the stream leaves out is noticed and read.
 */
export class JournalWindow {
  readonly #read: ReadJournal;
  /** Only these types; all when empty. */
  readonly #types: EventType[];
  readonly #listeners = new Set<() => void>();
  #view: JournalView = { events: [], loaded: false, hasOlder: false, loadingOlder: false, error: null };
  /** All events up to this one are in the window, or are of types not asked for, or lie before it. */
  #through = 0;
  /** The newest event that the stream told of. A read that begins after that covers it, whatever its type. */
  #told = 0;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(read: ReadJournal, types: readonly EventType[]) {
    this.#read = read;
    this.#types = [...types];
  }

  get view(): JournalView {
    return this.#view;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes what the stream tells of: the events themselves, or that there are some. */
  take(fromSeq: number, toSeq: number, events: readonly JournalEvent[] | undefined): void {
    if (toSeq <= this.#through) return;
    this.#told = Math.max(this.#told, toSeq);
    if (!this.#view.loaded || events === undefined || fromSeq > this.#through + 1) {
      void this.catchUp();
      return;
    }
    this.#append(events, toSeq);
  }

  /** Reads the end for the first time, or what was appended since. Calls during one that runs make one more follow. */
  catchUp(): Promise<void> {
    if (this.#reading !== null) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readOn().finally(() => {
      this.#reading = null;
      if (!this.#again) return;
      this.#again = false;
      void this.catchUp();
    });
    return this.#reading;
  }

  /** Reads the page before the first event shown. */
  async loadOlder(): Promise<void> {
    const first = this.#view.events[0];
    if (first === undefined || !this.#view.hasOlder || this.#view.loadingOlder) return;
    this.#change({ loadingOlder: true });
    try {
      const page = await this.#read({ beforeSeq: first.seq, ...this.#filter(), pageSize: OLDER_PAGE, order: 'desc' });
      this.#change({
        events: [...page.items.toReversed(), ...this.#view.events],
        hasOlder: mayHaveOlder(page.items, OLDER_PAGE),
        loadingOlder: false,
        error: null,
      });
    } catch (error) {
      this.#change({ loadingOlder: false, error });
    }
  }

  async #readOn(): Promise<void> {
    const told = this.#told;
    try {
      if (!this.#view.loaded) await this.#readEnd();
      else await this.#readNew();
      this.#through = Math.max(this.#through, told);
      if (this.#view.error !== null) this.#change({ error: null });
    } catch (error) {
      this.#change({ error });
    }
  }

  async #readEnd(): Promise<void> {
    const page = await this.#read({ ...this.#filter(), pageSize: FIRST_PAGE, order: 'desc' });
    this.#through = Math.max(this.#through, page.items[0]?.seq ?? 0);
    this.#change({ events: page.items.toReversed(), loaded: true, hasOlder: mayHaveOlder(page.items, FIRST_PAGE) });
  }

  async #readNew(): Promise<void> {
    for (;;) {
      const page = await this.#read({
        afterSeq: this.#through,
        ...this.#filter(),
        pageSize: CATCH_UP_PAGE,
        order: 'asc',
      });
      const last = page.items.at(-1)?.seq;
      if (last !== undefined) this.#append(page.items, last);
      if (page.nextAfterSeq === null || last === undefined) return;
    }
  }

  #append(events: readonly JournalEvent[], through: number): void {
    const fresh = events.filter(({ seq, type }) => seq > this.#through && this.#wants(type));
    this.#through = Math.max(this.#through, through);
    if (fresh.length > 0) this.#change({ events: [...this.#view.events, ...fresh] });
  }

  #wants(type: EventType): boolean {
    return this.#types.length === 0 || this.#types.includes(type);
  }

  #filter(): { types?: EventType[] } {
    return this.#types.length === 0 ? {} : { types: this.#types };
  }

  #change(change: Partial<JournalView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** A page read backwards that is full may be followed by another, unless it reached the first event. */
function mayHaveOlder(newestFirst: readonly JournalEvent[], pageSize: number): boolean {
  return newestFirst.length === pageSize && newestFirst.at(-1)?.seq !== 1;
}

import type { JournalEvent, JournalPage } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { type EventType, JournalWindow, type ReadJournal } from './journal-window.ts';

/** A journal in memory that answers as the server does. */
class Journal {
  readonly events: JournalEvent[] = [];
  reads = 0;
  fail = false;

  append(count: number, type: EventType = 'output'): JournalEvent[] {
    const added = Array.from({ length: count }, (_, index) => journalEvent(this.events.length + index + 1, type));
    this.events.push(...added);
    return added;
  }

  read: ReadJournal = async ({ afterSeq = 0, beforeSeq, types, pageSize, order }) => {
    this.reads++;
    if (this.fail) throw new Error('away');
    const fitting = this.events.filter(
      ({ seq, type }) =>
        seq > afterSeq && (beforeSeq === undefined || seq < beforeSeq) && (types?.includes(type) ?? true),
    );
    const items = (order === 'asc' ? fitting : fitting.toReversed()).slice(0, pageSize);
    const next = order === 'asc' && items.length < fitting.length ? (items.at(-1)?.seq ?? null) : null;
    return { items, total: fitting.length, page: 1, pageSize, nextAfterSeq: next } as JournalPage;
  };
}

function journalEvent(seq: number, type: EventType): JournalEvent {
  return { seq, type, eventId: String(seq), payload: null, sessionId: 's' } as unknown as JournalEvent;
}

function seqs(window: JournalWindow): number[] {
  return window.view.events.map(({ seq }) => seq);
}

function through(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe('the window on a journal', () => {
  it('shows the end first and what is before it when asked, without a gap or a double', async () => {
    const journal = new Journal();
    journal.append(1000);
    const window = new JournalWindow(journal.read, []);
    await window.catchUp();
    expect(seqs(window)).toEqual(through(701, 1000));
    expect(window.view.hasOlder).toBe(true);
    await window.loadOlder();
    await window.loadOlder();
    await window.loadOlder();
    expect(seqs(window)).toEqual(through(1, 1000));
    expect(window.view.hasOlder).toBe(false);
  });

  it('takes inline events without reading, and knows those it has', async () => {
    const journal = new Journal();
    journal.append(3);
    const window = new JournalWindow(journal.read, []);
    await window.catchUp();
    const reads = journal.reads;
    const added = journal.append(2);
    window.take(4, 5, added);
    window.take(4, 5, added);
    expect(seqs(window)).toEqual([1, 2, 3, 4, 5]);
    expect(journal.reads).toBe(reads);
  });

  it('reads what the stream left out before it shows what came after', async () => {
    const journal = new Journal();
    journal.append(3);
    const window = new JournalWindow(journal.read, []);
    await window.catchUp();
    journal.append(4);
    const last = journal.append(1);
    window.take(8, 8, last);
    await window.catchUp();
    expect(seqs(window)).toEqual(through(1, 8));
  });

  it('misses nothing that is told while the first page is read', async () => {
    const journal = new Journal();
    journal.append(2);
    const window = new JournalWindow(journal.read, []);
    const first = window.catchUp();
    window.take(3, 4, journal.append(2));
    await first;
    await window.catchUp();
    expect(seqs(window)).toEqual([1, 2, 3, 4]);
  });

  it('keeps to the types asked for, also with events that come live', async () => {
    const journal = new Journal();
    journal.append(2, 'output');
    journal.append(1, 'tool_call');
    const window = new JournalWindow(journal.read, ['tool_call']);
    await window.catchUp();
    // What lies between is of another type; the window cannot know that and looks.
    const output = journal.append(1, 'output');
    window.take(4, 4, output);
    window.take(5, 5, journal.append(1, 'tool_call'));
    expect(seqs(window)).toEqual([3, 5]);
  });

  it('reads once, and not with every event, where only other types come', async () => {
    const journal = new Journal();
    journal.append(1, 'tool_call');
    journal.append(5, 'output');
    const window = new JournalWindow(journal.read, ['tool_call']);
    await window.catchUp();
    window.take(7, 7, journal.append(1, 'output'));
    await window.catchUp();
    const reads = journal.reads;
    for (let seq = 8; seq < 20; seq++) window.take(seq, seq, journal.append(1, 'output'));
    expect(journal.reads).toBe(reads);
    window.take(20, 20, journal.append(1, 'tool_call'));
    expect(seqs(window)).toEqual([1, 20]);
  });

  it('says that reading failed, keeps what it has, and goes on when it works again', async () => {
    const journal = new Journal();
    journal.append(2);
    const window = new JournalWindow(journal.read, []);
    await window.catchUp();
    journal.append(1);
    journal.fail = true;
    await window.catchUp();
    expect(window.view.error).toBeInstanceOf(Error);
    expect(seqs(window)).toEqual([1, 2]);
    journal.fail = false;
    await window.catchUp();
    expect(window.view.error).toBeNull();
    expect(seqs(window)).toEqual([1, 2, 3]);
  });
});

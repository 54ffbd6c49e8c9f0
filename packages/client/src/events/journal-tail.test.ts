import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerUnreachableError } from '../transport/api-error.ts';
import type { JournalEvent, JournalPage } from '../types.ts';
import { type TailSource, tailJournal } from './journal-tail.ts';
import type { FeedEvent, StreamEvent } from './stream-event.ts';

const event = (seq: number) => ({ seq }) as JournalEvent;
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

const feedEvent = (topic: 'journal' | 'session', payload: object) =>
  ({ type: 'feed', topic, id: 'x', position: 1, at: '', payload }) as unknown as FeedEvent;
const journal = (fromSeq: number, toSeq: number, inline: number[] | undefined) =>
  feedEvent('journal', { sessionId: 's', fromSeq, toSeq, ...(inline ? { events: inline.map(event) } : {}) });
const ended = feedEvent('session', { sessionId: 's', change: 'status', status: 'completed', version: 2 });

/** A journal that grows while the stream is read: each message of the script first records up to `recorded`. */
function source(
  initially: number,
  script: { recorded: number; message: StreamEvent }[],
  pageSize: number,
  failReads: number,
): TailSource {
  let recorded = initially;
  let failures = failReads;
  let live = false;
  return {
    status: async () => 'running',
    read: async (query): Promise<JournalPage> => {
      if (live && failures-- > 0) throw new ServerUnreachableError('http://away');
      const after = query.afterSeq ?? 0;
      const seqs = range(after + 1, Math.min(recorded, after + pageSize));
      const lastSeq = seqs.at(-1) ?? after;
      return {
        items: seqs.map(event),
        total: recorded,
        page: 1,
        pageSize,
        nextAfterSeq: lastSeq < recorded ? lastSeq : null,
      };
    },
    events: async function* () {
      live = true;
      for (const step of script) {
        recorded = Math.max(recorded, step.recorded);
        yield step.message;
      }
    },
  };
}

async function seqsOf(tail: AsyncIterable<JournalEvent>): Promise<number[]> {
  const seqs: number[] = [];
  for await (const entry of tail) seqs.push(entry.seq);
  return seqs;
}

/** Messages as a server may send them: repeated, overtaken by reads, with or without their events, with breaks between. */
const scripts = fc
  .tuple(
    fc.nat(12),
    fc.array(
      fc.record({
        more: fc.nat(5),
        ahead: fc.nat(4),
        back: fc.nat(6),
        kind: fc.constantFrom('inline', 'inline', 'bare', 'holes', 'open', 'reset', 'lost'),
      }),
      { maxLength: 12 },
    ),
  )
  .map(([initially, steps]) => {
    let recorded = initially;
    const script = steps.map(({ more, ahead, back, kind }) => {
      const toSeq = recorded + more;
      const fromSeq = Math.max(1, recorded - back);
      recorded = toSeq + ahead;
      const all = range(fromSeq, toSeq);
      const message: StreamEvent =
        kind === 'open'
          ? { type: 'open', resumed: true }
          : kind === 'reset'
            ? { type: 'reset', epoch: 'e', position: 1 }
            : kind === 'lost'
              ? { type: 'lost', reason: '', retryInMs: 0 }
              : kind === 'bare'
                ? journal(fromSeq, toSeq, undefined)
                : journal(fromSeq, toSeq, kind === 'holes' ? all.filter((seq) => seq % 3 !== 0) : all);
      return { recorded, message };
    });
    return { initially, script: [...script, { recorded, message: ended }], recorded };
  });

describe('tailing a journal', () => {
  it('yields every event once and in order, whatever the stream leaves out, repeats or overtakes', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.integer({ min: 1, max: 4 }), fc.nat(12), async (made, pageSize, after) => {
        const tail = tailJournal(source(made.initially, made.script, pageSize, 0), 's', { afterSeq: after });
        expect(await seqsOf(tail)).toEqual(range(after + 1, made.recorded));
      }),
      { numRuns: 500 },
    );
  });

  it('waits for a server that is away in the middle of it', async () => {
    const script = [
      { recorded: 5, message: journal(1, 5, undefined) },
      { recorded: 6, message: ended },
    ];
    expect(await seqsOf(tailJournal(source(0, script, 2, 1), 's', {}))).toEqual(range(1, 6));
  });

  it('reads only what is there when it is not to follow', async () => {
    expect(await seqsOf(tailJournal(source(5, [], 2, 0), 's', { follow: 'no', afterSeq: 2 }))).toEqual([3, 4, 5]);
  });

  it('ends at once for a session that has ended', async () => {
    const tail = tailJournal({ ...source(3, [], 10, 0), status: async () => 'failed' }, 's', {});
    expect(await seqsOf(tail)).toEqual([1, 2, 3]);
  });

  it('goes on past the end where it is to follow for ever', async () => {
    const script = [
      { recorded: 1, message: ended },
      { recorded: 2, message: journal(2, 2, [2]) },
    ];
    expect(await seqsOf(tailJournal(source(1, script, 10, 0), 's', { follow: 'forever' }))).toEqual([1, 2]);
  });
});

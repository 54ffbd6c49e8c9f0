import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FeedItem, FeedSubscription } from '@signalbox/core';
import { ManualClock } from '@signalbox/core/testing';
import { describe, expect, it } from 'vitest';
import type { StreamFilter } from './entry-events.ts';
import { EventStream } from './event-stream.ts';
import { StreamWriter } from './stream-writer.ts';

const EPOCH = '01990000-0000-7000-8000-0000000000aa';
const SESSION = '01990000-0000-7000-8000-000000000001';

/** A response whose reader takes nothing until it is told to. */
class SlowResponse extends EventEmitter {
  written = '';
  takes = true;
  destroyed = false;
  write(text: string): boolean {
    this.written += text;
    return this.takes;
  }
  take(): void {
    this.takes = true;
    this.emit('drain');
  }
  end(): void {
    this.emit('close');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function streamOf(items: FeedItem[], filter: StreamFilter) {
  const response = new SlowResponse();
  const clock = new ManualClock();
  const hold = Promise.withResolvers<void>();
  let asked = 0;
  let deliver: (message: unknown) => void = () => undefined;
  const subscription = {
    next: async () => {
      asked += 1;
      const value = items.shift();
      if (!value) await hold.promise;
      return value ? { done: false, value } : { done: true, value: undefined };
    },
    close: () => hold.resolve(),
  } as unknown as FeedSubscription;
  const stream = new EventStream({
    projectId: 'p',
    filter,
    subscription,
    writer: new StreamWriter(response as unknown as ServerResponse),
    journal: { read: async () => ({ items: [], total: 0, nextAfterSeq: null }) },
    bus: {
      subscribe: (_topic, listener) => {
        deliver = listener;
        return () => undefined;
      },
    },
    clock,
    onSent: () => undefined,
  });
  return {
    stream,
    response,
    clock,
    asked: () => asked,
    delta: (text: string) => deliver({ text }),
    end: () => hold.resolve(),
  };
}

const task = (position: number): FeedItem => ({
  kind: 'entry',
  cursor: { epoch: EPOCH, position },
  entry: { position, topic: 'task', payload: { taskId: 't' }, at: '2026-01-01T00:00:00.000Z' },
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the pace of an event stream', () => {
  it('pings every 15 s, with the place it has got to when all since was filtered out', async () => {
    const { stream, response, clock, end } = streamOf([task(7), task(8)], { topics: ['session'], sessionId: null });
    const done = stream.run();
    await settled();
    expect(response.written).toBe('');
    await clock.advance(14_999);
    expect(response.written).toBe('');
    await clock.advance(1);
    expect(response.written).toBe(`: ping\n\nid: ${EPOCH}:8\n\n`);
    await clock.advance(15_000);
    expect(response.written).toBe(`: ping\n\nid: ${EPOCH}:8\n\n: ping\n\n`);
    end();
    await done;
  });

  it('asks for no more while its reader takes nothing, and goes on when it does', async () => {
    const items = [task(1), task(2), task(3)];
    const { stream, response, asked, end } = streamOf(items, { topics: null, sessionId: null });
    response.takes = false;
    const done = stream.run();
    await settled();
    expect(asked()).toBe(1);
    response.take();
    await settled();
    expect(response.written.match(/event: task/g)).toHaveLength(3);
    end();
    await done;
  });

  it('leaves out streamed text that its reader cannot take', async () => {
    const { stream, response, delta, end } = streamOf([], { topics: null, sessionId: SESSION });
    const done = stream.run();
    await settled();
    response.takes = false;
    delta('one');
    delta('two');
    await settled();
    response.take();
    await settled();
    delta('three');
    await settled();
    expect(response.written).toContain('one');
    expect(response.written).not.toContain('two');
    expect(response.written).toContain('three');
    end();
    await done;
  });

  it('gives up a reader that has taken nothing for a minute', async () => {
    const { stream, response, clock } = streamOf([task(1)], { topics: null, sessionId: null });
    response.takes = false;
    const done = stream.run();
    await settled();
    await clock.advance(45_000);
    expect(response.destroyed).toBe(false);
    await clock.advance(15_000);
    expect(response.destroyed).toBe(true);
    await done;
  });
});

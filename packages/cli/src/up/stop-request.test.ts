import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Io } from '../io.ts';
import { StopRequest } from './stop-request.ts';

function request() {
  const io = new EventEmitter();
  let now = 0;
  const impatience: number[] = [];
  const stop = new StopRequest(
    io as unknown as Io,
    () => impatience.push(now),
    () => now,
  );
  const at = (time: number, name: string) => {
    now = time;
    io.emit(name);
  };
  return { stop, impatience, at };
}

describe('the wish to stop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'])('comes with %s', async (name) => {
    const { stop, at } = request();
    expect(stop.signal.aborted).toBe(false);
    at(1000, name);
    await stop.requested;
    expect(stop.signal.aborted).toBe(true);
  });

  it('is one wish, however often npm, the launcher and the terminal repeat it', () => {
    const { at, impatience } = request();
    at(0, 'SIGINT');
    at(3, 'SIGTERM');
    at(40, 'SIGINT');
    at(5000, 'SIGTERM');
    expect(impatience).toEqual([]);
  });

  it('becomes impatience when Ctrl-C is pressed again', () => {
    const { at, impatience } = request();
    at(0, 'SIGTERM');
    at(2000, 'SIGINT');
    expect(impatience).toEqual([2000]);
  });
});

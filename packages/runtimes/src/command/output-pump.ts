import type { Readable } from 'node:stream';
import type { Clock } from '@signalbox/core';
import { OutputDecoder } from './output-decoder.ts';

/** Most bytes that one event carries. */
const CHUNK_BYTES = 32 * 1024;
/**
 * A stream may be held open by a process that is not ours to end. After the run's end it is given up when it was silent
 * for so long while we were waiting for it.
 */
const SILENCE_MS = 1_000;

export interface PumpOptions {
  stream: Readable;
  /** Awaited before more is read: while it is pending the program waits once the pipe is full. */
  write(text: string): Promise<void>;
  /** Settles when the program's processes are gone. */
  ended: Promise<unknown>;
  clock: Clock;
}

/**
 * Carries a program's output to `write` as text, in order, until the stream ends. Holds a few chunks at most.
 *
 * @returns how many bytes were carried. Rejects with what `write` rejects with; the stream is destroyed then.
 */
export async function pumpOutput({ stream, write, ended, clock }: PumpOptions): Promise<number> {
  const decoder = new OutputDecoder();
  const state = { waiting: true, finished: false, chunks: 0 };
  void ended.then(async () => {
    while (!state.finished) {
      const before = state.chunks;
      await clock.sleep(SILENCE_MS);
      if (state.waiting && state.chunks === before) stream.destroy();
    }
  });
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      state.waiting = false;
      state.chunks++;
      bytes += chunk.length;
      for (let start = 0; start < chunk.length; start += CHUNK_BYTES) {
        const text = decoder.decode(chunk.subarray(start, start + CHUNK_BYTES));
        if (text) await write(text);
      }
      state.waiting = true;
    }
  } catch (error) {
    // Given up for silence: this is its end.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    state.finished = true;
  }
  const rest = decoder.end();
  if (rest) await write(rest);
  return bytes;
}

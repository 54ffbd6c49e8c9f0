import { Worker } from 'node:worker_threads';
import type { IndexReport, IndexStart } from './index-protocol.ts';

/** Sources run as they are in development and compiled elsewhere; the thread's file has the ending of this one. */
const FILE = new URL(import.meta.url.endsWith('.ts') ? './index-worker.ts' : './index-worker.js', import.meta.url);
/** Of the thread's heap: a program of millions of lines needs that. */
const MOST_MEGABYTES = 8_192;
/** Sources are trees, and are walked by functions that call themselves. */
const STACK_MEGABYTES = 32;

/**
 * Reads a workspace in a thread of its own. It stands still while a report is looked at, so what it finds does not pile up.
 * @throws whatever the thread failed with; the signal's reason
 */
export async function* indexInThread(start: IndexStart, signal: AbortSignal): AsyncGenerator<IndexReport> {
  signal.throwIfAborted();
  const resourceLimits = { maxOldGenerationSizeMb: MOST_MEGABYTES, stackSizeMb: STACK_MEGABYTES };
  const worker = new Worker(FILE, { workerData: start, name: 'index', resourceLimits });
  worker.unref();
  let wake: () => void = () => undefined;
  const reports: IndexReport[] = [];
  let ended: { error: unknown } | null = null;
  const end = (error: unknown) => {
    ended ??= { error };
    wake();
  };
  worker.on('message', (report: IndexReport) => {
    reports.push(report);
    wake();
  });
  worker.on('error', end);
  worker.on('exit', () => end(new Error('The thread that reads the code ended before it was done.')));
  const abort = () => end(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    for (;;) {
      const report = reports.shift();
      if (report) {
        yield report;
        if (report.type === 'done') return;
        worker.postMessage('more');
      } else if (ended) throw (ended as { error: unknown }).error;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

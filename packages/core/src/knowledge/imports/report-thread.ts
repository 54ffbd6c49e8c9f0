import { Worker } from 'node:worker_threads';
import type { Clock } from '../../platform/clock/clock.ts';
import { type ErrorCode, type ErrorDetails, SignalboxError } from '../../platform/errors/index.ts';
import { MOST_REPORT_BYTES, type ReportFormat } from './report.ts';

/** With what the thread begins. */
export interface ReportStart {
  bytes: Uint8Array;
  format: ReportFormat | null;
  root: string | null;
  workspace: string | null;
}

/** What was read of a report: its adapter alone knows what that is. */
export interface ReadReport {
  format: ReportFormat;
  read: unknown;
}
export type ReportAnswer = ReadReport | { error: { code: ErrorCode; details: ErrorDetails } } | { failure: string };

/** Sources run as they are in development and compiled elsewhere; the thread's file has the ending of this one. */
const FILE = new URL(import.meta.url.endsWith('.ts') ? './report-worker.ts' : './report-worker.js', import.meta.url);
/** Of the thread's heap: a report that takes more than this is refused, and the server stands. */
const MOST_MEGABYTES = 768;
/** So long one may take: a report as tools write it takes seconds. */
const MOST_MS = 120_000;

/**
 * Reads a report in a thread of its own: neither its size nor its depth holds up or ends the server.
 * @param mostMs milliseconds after which it is given up
 * @throws IMPORT_UNREADABLE, GRAPH_REPORT_UNKNOWN, GRAPH_REPORT_PATH, GRAPH_REPORT_TOO_LARGE
 */
export async function readInThread(
  start: ReportStart,
  clock: Pick<Clock, 'sleep'>,
  mostMs = MOST_MS,
): Promise<ReadReport> {
  const resourceLimits = { maxOldGenerationSizeMb: MOST_MEGABYTES };
  const worker = new Worker(FILE, { workerData: start, name: 'report', resourceLimits });
  const isOver = new AbortController();
  try {
    const answer = await new Promise<ReportAnswer>((resolve, reject) => {
      clock.sleep(mostMs, isOver.signal).then(() => reject(tooLarge('more time than one report may take')), reject);
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The thread that reads the report ended before it was done.')));
    });
    if ('error' in answer) throw new SignalboxError(answer.error.code, answer.error.details);
    if ('failure' in answer) throw new Error(`The report could not be read: ${answer.failure}`);
    return answer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw tooLarge('more memory than one report may take', error);
  } finally {
    isOver.abort();
    await worker.terminate();
  }
}

function tooLarge(size: string, cause?: unknown): SignalboxError {
  return new SignalboxError('GRAPH_REPORT_TOO_LARGE', { size, limit: MOST_REPORT_BYTES }, { cause });
}

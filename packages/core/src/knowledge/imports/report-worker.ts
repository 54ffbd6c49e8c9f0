import { parentPort, workerData } from 'node:worker_threads';
import { SignalboxError } from '../../platform/errors/index.ts';
import { readReport } from './read-report.ts';
import type { ReportAnswer, ReportStart } from './report-thread.ts';

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');

async function answer(): Promise<ReportAnswer> {
  try {
    return await readReport(workerData as ReportStart);
  } catch (error) {
    if (SignalboxError.is(error)) return { error: { code: error.code, details: error.details } };
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

port.postMessage(await answer());

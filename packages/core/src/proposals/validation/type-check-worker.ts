import { parentPort, workerData } from 'node:worker_threads';
import { checkTypes, type TypeCheckStart } from './type-check.ts';
import type { TypeCheckAnswer } from './type-check-thread.ts';

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');

function answer(): TypeCheckAnswer {
  try {
    return checkTypes(workerData as TypeCheckStart);
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

port.postMessage(answer());

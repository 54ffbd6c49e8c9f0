import { closeSync, openSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** Has the thread that indexes read all below a directory, as a server does, and writes what it says as lines of JSON. */
const [root = '', output = ''] = process.argv.slice(2);
const thread = new URL('./knowledge/indexing/index-worker.ts', import.meta.resolve('@signalbox/core'));
const file = openSync(output, 'w');
const worker = new Worker(thread, {
  workerData: { root },
  resourceLimits: { maxOldGenerationSizeMb: 8_192, stackSizeMb: 32 },
});
worker.postMessage({ known: [], edited: null });
worker.on('message', (message: { type: string; files?: { facts: object }[] }) => {
  for (const { facts } of message.files ?? []) writeSync(file, `${JSON.stringify(facts)}\n`);
  if (message.type !== 'done') worker.postMessage(message.type === 'list' ? { listed: null } : 'more');
  else {
    closeSync(file);
    void worker.terminate();
  }
});

import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { IndexReport, IndexStart, ToldFile } from './index-protocol.ts';
import { readWorkspace } from './read-workspace.ts';

/** Entities and relationships of a batch, about: each is one transaction, and one turn of the server's thread. */
const BATCH_SIZE = 1_000;

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');
const { root, listed, known } = workerData as IndexStart;

async function report(message: IndexReport): Promise<void> {
  const more = port && message.type !== 'done' ? once(port, 'message') : undefined;
  port?.postMessage(message);
  await more;
}

const found = readWorkspace(root, listed, new Map(known.map((file) => [file.path, file])));
const { total, affected, removed } = found;
await report({ type: 'plan', plan: { total, affected: [...affected], removed } });
let batch: ToldFile[] = [];
let size = 0;
for (const file of found.facts()) {
  batch.push(file);
  size += file.facts.entities.length + file.facts.relationships.length;
  if (size < BATCH_SIZE) continue;
  await report({ type: 'files', files: batch });
  batch = [];
  size = 0;
}
if (batch.length > 0) await report({ type: 'files', files: batch });
await report({ type: 'done' });
port.close();

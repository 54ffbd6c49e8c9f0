import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { IndexAnswer, IndexMessage, IndexRequest, IndexStart, ToldFile } from './index-protocol.ts';
import { WorkspaceReader } from './read-workspace.ts';

/** Entities and relationships of a batch, about: each is one transaction, and one turn of the server's thread. */
const BATCH_SIZE = 1_000;

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');
const reader = new WorkspaceReader((workerData as IndexStart).root);

async function ask(message: IndexMessage): Promise<IndexAnswer> {
  const answer = port && once(port, 'message');
  port?.postMessage(message);
  const [given] = (await answer) as [IndexAnswer];
  return given;
}

async function list(): Promise<string[] | null> {
  const answer = await ask({ type: 'list' });
  return answer === 'more' ? null : answer.listed;
}

async function read({ known, edited }: IndexRequest): Promise<void> {
  const before = new Map(known.map((file) => [file.path, file]));
  const found = (edited && (await reader.readEdits(edited, before))) ?? (await reader.read(await list(), before));
  const { total, affected, removed } = found;
  await ask({ type: 'plan', plan: { total, affected: [...affected], removed } });
  let batch: ToldFile[] = [];
  let size = 0;
  const flush = async () => {
    if (batch.length > 0) await ask({ type: 'files', files: batch });
    batch = [];
    size = 0;
  };
  for (const file of found.facts()) {
    // What one indexer found is in the graph before the next one's is looked at: documents name symbols.
    if (batch[0] && batch[0].indexer !== file.indexer) await flush();
    batch.push(file);
    const { entities, relationships, mentions = [] } = file.facts;
    size += entities.length + relationships.length + mentions.length;
    if (size >= BATCH_SIZE) await flush();
  }
  await flush();
  port?.postMessage({ type: 'done' } satisfies IndexMessage);
}

for (;;) {
  const [request] = (await once(port, 'message')) as [IndexRequest];
  await read(request);
}

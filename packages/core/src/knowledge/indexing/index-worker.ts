import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { IndexAnswer, IndexMessage, IndexRequest, IndexStart, ToldFile } from './index-protocol.ts';
import { WorkspaceReader } from './read-workspace.ts';

/** Entities and relationships of a batch, about: each is one transaction, and one turn of the server's thread. */
const BATCH_SIZE = 1_000;
/** Batches that are taken in while the next one is read: neither the reader nor the database waits for the other, and little piles up. */
const AHEAD = 2;

const port = parentPort;
if (!port) throw new Error('This is the program of a thread.');
const reader = new WorkspaceReader((workerData as IndexStart).root);
const received = on(port, 'message');
let unanswered = 0;

async function receive(): Promise<unknown> {
  const { value } = await received.next();
  return (value as [unknown])[0];
}

/** Waits until no more than so many of the messages are unanswered. @returns the last answer that it waited for */
async function tell(message: IndexMessage, most = 0): Promise<IndexAnswer> {
  let answer: IndexAnswer = 'more';
  port?.postMessage(message);
  for (unanswered += 1; unanswered > most; unanswered -= 1) answer = (await receive()) as IndexAnswer;
  return answer;
}

async function list(): Promise<string[] | null> {
  const answer = await tell({ type: 'list' });
  return answer === 'more' ? null : answer.listed;
}

async function read({ known, edited, mode }: IndexRequest): Promise<void> {
  const before = new Map(known.map((file) => [file.path, file]));
  const found =
    (edited && (await reader.readEdits(edited, before, mode))) ?? (await reader.read(await list(), before, mode));
  const { total, affected, removed } = found;
  await tell({ type: 'plan', plan: { total, affected: [...affected], removed } });
  let batch: ToldFile[] = [];
  let size = 0;
  const flush = async () => {
    if (batch.length > 0) await tell({ type: 'files', files: batch }, AHEAD);
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
  for (; unanswered > 0; unanswered -= 1) await receive();
  port?.postMessage({ type: 'done' } satisfies IndexMessage);
}

for (;;) {
  await read((await receive()) as IndexRequest);
}

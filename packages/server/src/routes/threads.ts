import { SignalboxError, type ThreadCheckpoint, type Threads, type TypedBytes } from '@signalbox/core';
import * as contract from '../contract/threads.ts';
import type { Serve } from '../http/serve.ts';

export function threadRoutes(serve: Serve, threads: Threads): void {
  serve(contract.listThreads, ({ query }, { projectId }) => threads.threads(projectId, query));
  serve(contract.getThread, ({ params }, { projectId }) => threads.thread(projectId, params.id));
  serve(contract.deleteThread, ({ params }, { projectId, actor }) => threads.delete(projectId, params.id, actor));
  serve(contract.saveThreadCheckpoint, ({ params, body }, { projectId }) =>
    threads.save(projectId, {
      ...body,
      threadId: params.id,
      body: fromWire(body.body),
      metadata: fromWire(body.metadata),
      values: body.values.map((one) => ({ ...one, value: one.value && fromWire(one.value) })),
    }),
  );
  serve(contract.saveThreadWrites, ({ params, body }, { projectId }) =>
    threads.write(projectId, {
      ...body,
      threadId: params.id,
      writes: body.writes.map((one) => ({ ...one, value: fromWire(one.value) })),
    }),
  );
  serve(contract.loadThreadCheckpoint, async ({ params, query }, { projectId }) => {
    const checkpoint = await threads.load(projectId, { ...query, threadId: params.id });
    if (!checkpoint) throw new SignalboxError('THREAD_CHECKPOINT_NOT_FOUND', { threadId: params.id });
    return toWire(checkpoint);
  });
  serve(contract.listThreadCheckpoints, async ({ query }, { projectId }) => {
    const { metadata, ...rest } = query;
    const filter = metadata === undefined ? {} : { metadata: parsed(metadata) };
    const page = await threads.list(projectId, { ...rest, ...filter });
    return { ...page, items: page.items.map(toWire) };
  });
  serve(contract.pruneThreads, ({ body }, { projectId, actor }) => threads.prune(projectId, body, actor));
}

/** The room checks what it is. */
function parsed(text: string): Record<string, never> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: 'metadata: must be JSON' }, { cause });
  }
}

function toWire(checkpoint: ThreadCheckpoint) {
  return {
    ...checkpoint,
    body: encoded(checkpoint.body),
    metadata: encoded(checkpoint.metadata),
    values: checkpoint.values.map((one) => ({ ...one, value: encoded(one.value) })),
    writes: checkpoint.writes.map((one) => ({ ...one, value: encoded(one.value) })),
  };
}

function encoded({ type, bytes }: TypedBytes) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { type, base64: buffer.toString('base64') };
}

function fromWire({ type, base64 }: { type: string; base64: string }): TypedBytes {
  return { type, bytes: Buffer.from(base64, 'base64') };
}

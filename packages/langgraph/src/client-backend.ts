import type { Client, ThreadCheckpoint } from '@signalbox/client';
import type { StoredCheckpoint, ThreadBackend, TypedBytes } from './thread-backend.ts';

interface WireBytes {
  type: string;
  base64: string;
}

/** Keeps threads on a Signalbox server: `overClient(createClient({ baseUrl }))`. */
export function overClient(client: Pick<Client, 'threads'>): ThreadBackend {
  const { threads } = client;
  return {
    save: ({ threadId, body, metadata, values, ...rest }) =>
      threads.save(threadId, {
        ...rest,
        body: toWire(body),
        metadata: toWire(metadata),
        values: values.map((one) => ({ ...one, value: one.value && toWire(one.value) })),
      }),
    write: ({ threadId, writes, ...rest }) =>
      threads.write(threadId, { ...rest, writes: writes.map((one) => ({ ...one, value: toWire(one.value) })) }),
    load: async ({ threadId, namespace, checkpointId }) => {
      const found = await threads.load(threadId, { namespace, ...(checkpointId === null ? {} : { checkpointId }) });
      return found && fromWire(found);
    },
    list: async ({ metadata, ...query }) => {
      const filter = metadata === undefined ? {} : { metadata: JSON.stringify(metadata) };
      const page = await threads.checkpoints({ ...query, ...filter });
      return { items: page.items.map(fromWire), nextCursor: page.nextCursor };
    },
    delete: (threadId) => threads.delete(threadId),
  };
}

function fromWire(wire: ThreadCheckpoint): StoredCheckpoint {
  return {
    ...wire,
    body: toBytes(wire.body),
    metadata: toBytes(wire.metadata),
    values: wire.values.map(({ channel, value }) => ({ channel, value: toBytes(value) })),
    writes: wire.writes.map(({ taskId, channel, value }) => ({ taskId, channel, value: toBytes(value) })),
  };
}

function toWire({ type, bytes }: TypedBytes): WireBytes {
  return { type, base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

function toBytes({ type, base64 }: WireBytes): TypedBytes {
  return { type, bytes: Buffer.from(base64, 'base64') };
}

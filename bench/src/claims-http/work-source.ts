import type { Core } from '@signalbox/core';
import { LoadConnection } from '../http/load.ts';

const LEASE_SECONDS = 300;

/** A claim, as far as its holder needs it to complete the task. */
interface Held {
  taskId: string;
  token: number;
}

/** A queue by one way of talking to it. */
export interface WorkSource {
  name: string;
  /** Puts tasks into the empty queue; not measured. */
  load(count: number): Promise<void>;
  /** What one caller does over and over: claims up to `limit` tasks, and completes them. Answers how many there were. */
  open(limit: number): Promise<{ work(): Promise<number>; close(): void }>;
}

const LOAD_CHUNK = 1_000;

function chunks(count: number): { type: string; payload: { n: number } }[][] {
  return Array.from({ length: Math.ceil(count / LOAD_CHUNK) }, (_, chunk) =>
    Array.from({ length: Math.min(LOAD_CHUNK, count - chunk * LOAD_CHUNK) }, (_task, i) => ({
      type: 'noop',
      payload: { n: chunk * LOAD_CHUNK + i },
    })),
  );
}

/** In this process. */
export function librarySource(core: Core, projectId: string): WorkSource {
  const scope = { queues: ['default'], types: null, able: [], leaseSeconds: LEASE_SECONDS };
  return {
    name: 'library',
    load: async (count) => {
      for (const tasks of chunks(count)) await core.tasks.enqueueMany(projectId, tasks);
    },
    open: async (limit) => ({
      work: async () => {
        const claims = await core.tasks.claim(projectId, { agent: 'bench', limit, ...scope });
        await Promise.all(claims.map((claim) => core.tasks.complete(claim, { ok: true })));
        return claims.length;
      },
      close: () => undefined,
    }),
  };
}

/** Over a connection of its own for each caller; several completions go as one request. */
export function httpSource(address: string): WorkSource {
  const post = async (connection: LoadConnection, path: string, body: unknown, status: number) =>
    JSON.parse(
      (
        await connection.request({ method: 'POST', path: `/api/v1/tasks${path}`, body: JSON.stringify(body) }, status)
      ).toString(),
    );
  return {
    name: 'HTTP',
    load: async (count) => {
      const connection = await LoadConnection.open(address);
      for (const tasks of chunks(count)) await post(connection, '/batch', { tasks }, 201);
      connection.close();
    },
    open: async (limit) => {
      const connection = await LoadConnection.open(address);
      const ask = { agent: 'bench', limit, leaseSeconds: LEASE_SECONDS };
      const result = { ok: true };
      return {
        work: async () => {
          const { items } = (await post(connection, '/claim', ask, 200)) as { items: Held[] };
          const claims = items.map(({ taskId, token }) => ({ taskId, token, result }));
          const [first] = claims;
          if (limit === 1 && first) {
            await post(connection, `/${first.taskId}/complete`, { token: first.token, result }, 200);
          } else if (first) {
            const { lost } = (await post(connection, '/complete', { claims }, 200)) as { lost: Held[] };
            if (lost.length > 0) throw new Error(`${lost.length} claims were lost.`);
          }
          return claims.length;
        },
        close: () => connection.close(),
      };
    },
  };
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Enqueuer {
  /** Has the other process enqueue a task with the payload `{ n }`; answers when that was done, in nanoseconds of the machine's monotonic clock. */
  enqueue(n: number): Promise<bigint>;
  stop(): Promise<void>;
}

/** Starts a process that enqueues when told to. */
export async function startEnqueuer(setUp: { connectionString: string; projectId: string }): Promise<Enqueuer> {
  const child = fork(fileURLToPath(new URL('enqueuer-process.ts', import.meta.url)), [JSON.stringify(setUp)], {
    execArgv: ['--conditions=source'],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(() => {
    throw new Error('The enqueuing process ended.');
  });
  ended.catch(() => undefined);
  const message = () => Promise.race([once(child, 'message'), ended]);
  await message();
  return {
    enqueue: async (n) => {
      const answer = message();
      child.send(n);
      const [at] = await answer;
      return BigInt(String(at));
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

import { HandlerRuns } from './handler-runs.ts';
import type { QueuePeer } from './queue-peer.ts';
import type { QueueServer } from './queue-server.ts';

/** Loads `count` tasks, works them off, and answers tasks per second of the working off alone. @throws unless each ran once and none is left */
export async function processRound(server: QueueServer, peer: QueuePeer, count: number): Promise<number> {
  await server.clear(peer);
  await peer.load(count);
  await server.settle(peer);
  const runs = new HandlerRuns(count);
  const begun = performance.now();
  await peer.process(runs);
  const seconds = (performance.now() - begun) / 1000;
  runs.assertOnceEach();
  const left = await server.left(peer);
  if (left !== 0) throw new Error(`${peer.name} left ${left} of ${count} tasks undone.`);
  return count / seconds;
}

/** `callers` loops enqueue `count` tasks one by one into an empty queue. @returns tasks per second @throws unless all are there */
export async function enqueueRound(
  server: QueueServer,
  peer: QueuePeer,
  { count, callers }: { count: number; callers: number },
): Promise<number> {
  await server.clear(peer);
  await server.settle(peer);
  let next = 0;
  const loop = async () => {
    while (next < count) await peer.enqueueOne(next++);
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: callers }, loop));
  const seconds = (performance.now() - begun) / 1000;
  const there = await server.left(peer);
  if (there !== count) throw new Error(`${peer.name} acknowledged ${count} tasks, ${there} are there.`);
  return count / seconds;
}

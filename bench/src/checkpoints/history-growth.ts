import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import type { CheckpointServer } from './checkpoint-server.ts';
import { GraphRun } from './graph-run.ts';

const CHANNELS = 10;
const CHANNEL_BYTES = 10_000;

/** What each further checkpoint adds to storage, in bytes. */
export interface Growth {
  stateBytes: number;
  ours: number;
  theirs: number;
}

/** Saves `checkpoints` at which nothing has changed, of a state of 100 KB, with both savers. */
export async function growthOfHistory(server: CheckpointServer, checkpoints: number): Promise<Growth> {
  const state = Object.fromEntries(
    Array.from({ length: CHANNELS }, (_, n) => [`channel${n}`, noise(n, CHANNEL_BYTES)] as [string, unknown]),
  );
  const runs = await Promise.all(
    [server.ours, server.theirs].map(async (saver: BaseCheckpointSaver) => {
      const run = new GraphRun(saver, 'history');
      await run.put(state, Object.keys(state));
      return run;
    }),
  );
  const before = await server.size();
  for (const run of runs) {
    for (let n = 1; n <= checkpoints; n += 1) await run.put(state, []);
    await run.load();
  }
  const after = await server.size();
  return {
    stateBytes: Buffer.byteLength(JSON.stringify(state)),
    ours: (after.ours - before.ours) / checkpoints,
    theirs: (after.theirs - before.theirs) / checkpoints,
  };
}

/** Text that compresses about as code does, and differs from channel to channel. */
function noise(seed: number, bytes: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < bytes) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += `${state.toString(36)} `;
  }
  return text.slice(0, bytes);
}

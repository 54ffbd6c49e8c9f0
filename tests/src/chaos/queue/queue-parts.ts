// The entry of all processes of the chaos, by which they are joined into one program: one that was killed is there again in half the time.

const PARTS = {
  enqueuer: () => import('./queue-enqueuer.ts'),
  scheduler: () => import('./queue-scheduler.ts'),
  witness: () => import('./witness.ts'),
  worker: () => import('./queue-worker.ts'),
} as const;
export type PartName = keyof typeof PARTS;

// The part finds its settings where it would find them by itself; see readSettings.
await PARTS[process.argv[3] as PartName]();

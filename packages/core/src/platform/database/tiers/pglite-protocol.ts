/** What the thread that runs PGlite is given when it starts (`workerData`). */
export interface PgliteStart {
  /** Directory on disk; null: in memory. */
  directory: string | null;
  /** Image of a data directory (tar) that a new database starts from; null: an empty one is made. It is handed over: nobody else may use it. */
  image: Uint8Array<ArrayBuffer> | null;
}

/** From us to the thread. A connection brings the port that carries its bytes. */
export type PgliteRequest =
  | { type: 'connect'; port: import('node:worker_threads').MessagePort }
  | { type: 'dump' }
  | { type: 'close' };

/** From the thread to us. */
export type PgliteReport =
  | { type: 'ready'; version: string }
  | { type: 'dumped'; image: Uint8Array<ArrayBuffer> }
  | { type: 'closed' }
  | { type: 'failed'; message: string };

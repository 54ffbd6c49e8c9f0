import { fileURLToPath } from 'node:url';

/** The command line that starts `signalbox` as a process of its own, from its sources; arguments follow. */
export const PROGRAM: readonly [string, ...string[]] = [
  process.execPath,
  // PGlite is WebAssembly: to compile it well takes longer than tests run.
  '--liftoff-only',
  '--conditions=source',
  fileURLToPath(new URL('../../bin/signalbox.mjs', import.meta.url)),
];

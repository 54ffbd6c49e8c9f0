// `npm start`: from a fresh clone to a running Signalbox. Runs on plain Node 20 before anything is installed, so it may
// import nothing but Node's own modules and what lies beside it.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './launcher/prepare.mjs';
import { runChild, wasInterrupted } from './launcher/run-child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  const node = await prepare(root);
  if (node !== null) {
    const program = join(root, 'packages', 'cli', 'bin', 'signalbox.mjs');
    // The channel tells the server when we are gone, however we went: it must not stay behind.
    const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
    process.exitCode = await runChild(node, [program, 'up', '--sample', ...process.argv.slice(2)], { stdio });
  }
} catch (error) {
  if (!wasInterrupted()) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

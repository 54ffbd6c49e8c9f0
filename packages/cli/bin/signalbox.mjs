#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Compiled code is kept between starts: it takes a third off the time until the server is ready. Looked up by name, since
// a Node too old to have it must get as far as being told so.
nodeModule.enableCompileCache?.();

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`signalbox needs Node 22.12 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

// Agents wait for their hooks at each call of a tool: all else is left out then.
if (process.argv[2] === 'hook' && !process.argv.includes('--help')) {
  const { hook } = await import('#hook');
  process.exit(await hook(process.argv.slice(3), process));
}

// By a name of the package's own, so that `node --conditions=source` runs the sources and everything else the build.
const { main } = await import('#program');
process.exitCode = await main(process.argv.slice(2), process);

import { closeSync, openSync, writeSync } from 'node:fs';
import { readWorkspace } from '@signalbox/core';

/** All that our indexer says of the TypeScript below a directory, as lines of JSON. */
const [root = '', output = ''] = process.argv.slice(2);
const file = openSync(output, 'w');
for (const { facts } of readWorkspace(root, null, new Map()).facts()) writeSync(file, `${JSON.stringify(facts)}\n`);
closeSync(file);

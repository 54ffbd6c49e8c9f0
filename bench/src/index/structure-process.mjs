import { createWriteStream, readdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';

// As `typed-process.mjs`, by the structure of the sources alone; they are named to the thread, as a repository names its files to a server.
const [root = '', output = ''] = process.argv.slice(2);
const { IndexThread } = await import(
  new URL('./knowledge/indexing/index-thread.js', import.meta.resolve('@signalbox/core')).href
);
const written = createWriteStream(output);
const thread = new IndexThread(root);
const { signal } = new AbortController();
const list = async () => readdirSync(root, { recursive: true }).filter((path) => path.startsWith('src/'));
for await (const { files = [] } of thread.read({ known: [], edited: null, mode: 'structure' }, list, signal)) {
  for (const { facts } of files) written.write(`${JSON.stringify(facts)}\n`);
}
written.end();
await finished(written);
await thread.close();

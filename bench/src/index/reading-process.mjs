import { createWriteStream, readdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';

// Has the thread that indexes read all below a directory, as a server does, and writes what it says as lines of JSON. Of core the
// compiled thread alone is loaded, and this is JavaScript: a program that is installed strips no types when it starts.
const [mode = '', root = '', output = ''] = process.argv.slice(2);
const load = (path) => import(new URL(path, import.meta.resolve('@signalbox/core')).href);
const { IndexThread } = await load('./knowledge/indexing/index-thread.js');
const { systemClock } = await load('./platform/clock/clock.js');
const written = createWriteStream(output);
const thread = new IndexThread(root, systemClock);
const { signal } = new AbortController();
// Where types are read the configuration names the files; by structure a repository names them to the server.
const list = async () =>
  mode === 'types' ? null : readdirSync(root, { recursive: true }).filter((path) => path.startsWith('src/'));
for await (const { files = [] } of thread.read({ known: [], edited: null, mode }, list, signal)) {
  for (const { facts } of files) written.write(`${JSON.stringify(facts)}\n`);
}
written.end();
await finished(written);
await thread.close();

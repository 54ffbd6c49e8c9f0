import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@signalbox/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const START_MS = 300_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, START_MS);
afterAll(() => server?.stop());

it('runs the example of the README: a graph that waits, and goes on when it is answered', {
  timeout: START_MS,
}, async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const example = /^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? '';
  // Within the package, where its imports are found, and where nothing looks should it be left behind.
  await mkdir(join(PACKAGE, 'node_modules'), { recursive: true });
  const folder = await mkdtemp(join(PACKAGE, 'node_modules', '.readme-'));
  try {
    // Below node_modules Node takes no types away by itself.
    await writeFile(join(folder, 'example.mjs'), stripTypeScriptTypes(example));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=source', join(folder, 'example.mjs')],
      {
        env: { ...process.env, SIGNALBOX_URL: server.url, LANGSMITH_TRACING: 'false' },
      },
    );
    expect(stdout).toContain(`waits at [ 'ask' ]`);
    expect(stdout).toContain(`{ plan: 'delete the old invoices', approved: true }`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { items } = await createClient({ baseUrl: server.url }).threads.list();
  expect(items).toMatchObject([{ threadId: 'invoices-1' }]);
  expect(items[0]?.checkpoints).toBeGreaterThan(2);
});

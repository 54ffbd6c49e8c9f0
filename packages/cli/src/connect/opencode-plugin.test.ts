import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

interface Plugin {
  'tool.execute.before'(call: object, output: { args: object }): Promise<void>;
}
type MakePlugin = (world: { client: object }) => Promise<Plugin>;

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a session that cannot be looked up stands for itself that once, which is said, and is looked up again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-plugin-'));
  const told = join(folder, 'told');
  await writeFile(join(folder, 'signalbox'), `#!/bin/sh\ncat >> '${told}'\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  vi.stubEnv('SIGNALBOX_RUN_ID', '');
  const { default: make }: { default: MakePlugin } = await import(
    new URL('../../opencode/signalbox.js', import.meta.url).href
  );
  const log = vi.fn(async (_entry: object) => undefined);
  const get = vi
    .fn<(asked: { path: { id: string } }) => Promise<object>>()
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValueOnce({ error: { name: 'NotFoundError' } })
    .mockImplementation(async ({ path }) => ({ data: path.id === 'child' ? { parentID: 'person' } : {} }));
  const plugin = await make({ client: { app: { log }, session: { get } } });
  for (const callID of ['1', '2', '3'])
    await plugin['tool.execute.before']({ tool: 'bash', sessionID: 'child', callID }, { args: {} });
  const events = (await readFile(told, 'utf8')).trim().split('\n');
  expect(events.map((event) => JSON.parse(event).conversation)).toEqual(['child', 'child', 'person']);
  const warnings = log.mock.calls.map(([entry]) => JSON.stringify(entry));
  expect(warnings).toEqual([expect.stringContaining('away'), expect.stringContaining('child')]);
  await rm(folder, { recursive: true });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { runCli, serveCli, temporaryFolder } from '../testing/run-cli.ts';

const LIMIT_MS = 300_000;

const folder = () => temporaryFolder('signalbox-data-');

/** A server's whole state as its API shows it, without what differs between two servers. */
async function stateOf(url: string): Promise<unknown> {
  const client = createClient({ baseUrl: url });
  const { items } = await client.sessions.list({ sortBy: 'createdAt', sortOrder: 'asc' });
  const journals = await Promise.all(items.map(async ({ id }) => (await client.journal.read(id)).items));
  const { items: workspaces } = await client.workspaces.list();
  return { items, journals, workspaces };
}

describe('backup and restore', { timeout: LIMIT_MS }, () => {
  it('a backup made while the server runs brings everything back into a new data directory', async () => {
    const workspace = folder();
    const backup = join(folder(), 'backup');
    const server = await serveCli();
    let before: unknown;
    try {
      await server.cli(['run', '--', 'sh', '-c', 'echo hello > made.txt'], { cwd: workspace });
      before = await stateOf(server.url);
      const made = await server.cli(['backup', backup, '--data-dir', server.dataDir, '--json']);
      expect(made, made.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(made.stdout).rows).toBeGreaterThan(0);
      expect((await server.cli(['backup', backup, '--data-dir', server.dataDir])).code).toBe(4);
    } finally {
      await server.stop();
    }

    const dataDir = join(folder(), 'restored');
    const restored = await runCli(['restore', backup, '--data-dir', dataDir, '--json']);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(dataDir, 'audit-seal.key'))).toEqual(
      readFileSync(join(backup, 'files', 'audit-seal.key')),
    );
    expect(readdirSync(join(dataDir, 'captures'))).toHaveLength(1);

    const again = await serveCli({ SIGNALBOX_DATA_DIR: dataDir });
    try {
      expect(await stateOf(again.url)).toEqual(before);
      const verified = await createClient({ baseUrl: again.url }).audit.verify();
      expect(verified.ok).toBe(true);
      expect(await again.cli(['restore', backup, '--data-dir', dataDir])).toMatchObject({ code: 4 });
    } finally {
      await again.stop();
    }
    expect(await runCli(['restore', backup, '--data-dir', dataDir])).toMatchObject({ code: 4 });
  });

  it('a directory that is no backup is refused', async () => {
    const result = await runCli(['restore', folder(), '--data-dir', join(folder(), 'new')]);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/not a usable archive: there is no such file/);
  });
});

describe('export and import', { timeout: LIMIT_MS }, () => {
  it('move everything from embedded PostgreSQL to PGlite', async () => {
    const archive = join(folder(), 'all.archive');
    const server = await serveCli();
    let before: unknown;
    try {
      await server.cli(['run', '--', 'echo', 'moved'], { cwd: folder() });
      before = await stateOf(server.url);
      expect(await server.cli(['export', archive, '--data-dir', server.dataDir])).toMatchObject({ code: 0 });
    } finally {
      await server.stop();
    }
    const dataDir = join(folder(), 'pglite');
    const env = { SIGNALBOX_EMBEDDED_TIER: 'pglite' };
    const imported = await runCli(['import', archive, '--data-dir', dataDir], { env });
    expect(imported, imported.stderr).toMatchObject({ code: 0 });
    expect(imported.stdout).toMatch(/Imported \d+ rows/);

    const moved = await serveCli({ SIGNALBOX_DATA_DIR: dataDir, ...env });
    try {
      expect(await stateOf(moved.url)).toEqual(before);
      const beside = await moved.cli(['export', join(folder(), 'x.archive'), '--data-dir', dataDir]);
      expect(beside.code).toBe(4);
      expect(beside.stderr).toMatch(/is used by process/);
    } finally {
      await moved.stop();
    }
  });
});

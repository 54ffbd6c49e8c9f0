import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { runCli, serveCli, temporaryFolder } from '../testing/index.ts';

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
    const server = await serveCli({ apart: true });
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

    const again = await serveCli({ env: { SIGNALBOX_DATA_DIR: dataDir } });
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

  it('a backup beside a server on PGlite, which makes the archive itself, brings everything back', async () => {
    const env = { SIGNALBOX_EMBEDDED_TIER: 'pglite' };
    const backup = join(folder(), 'backup');
    const server = await serveCli({ env, apart: true });
    let before: unknown;
    try {
      await server.cli(['run', '--', 'sh', '-c', 'echo hello > made.txt'], { cwd: folder() });
      before = await stateOf(server.url);
      const made = await server.cli(['backup', backup, '--data-dir', server.dataDir, '--json']);
      expect(made, made.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(made.stdout).rows).toBeGreaterThan(0);
      expect(readdirSync(backup).sort()).toEqual(['database.archive', 'files']);
      expect(readdirSync(server.dataDir).filter((name) => name.includes('archive'))).toEqual([]);
      const { items } = await createClient({ baseUrl: server.url }).audit.list({ action: 'system.export' });
      expect(items).toHaveLength(1);
    } finally {
      await server.stop();
    }

    const dataDir = join(folder(), 'restored');
    const restored = await runCli(['restore', backup, '--data-dir', dataDir], { env });
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    const again = await serveCli({ env: { SIGNALBOX_DATA_DIR: dataDir, ...env } });
    try {
      expect(await stateOf(again.url)).toEqual(before);
      const verified = await createClient({ baseUrl: again.url }).audit.verify();
      expect(verified.ok).toBe(true);
    } finally {
      await again.stop();
    }
  });

  it('a backup that a server on PGlite refuses leaves nothing behind, and works with an admin’s key', async () => {
    const dataDir = join(folder(), 'guarded');
    const env = { SIGNALBOX_EMBEDDED_TIER: 'pglite', SIGNALBOX_DATA_DIR: dataDir };
    const first = await runCli(['keys', 'create', 'first', '--first', '--json'], { env });
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const server = await serveCli({ env: { ...env, SIGNALBOX_AUTH: 'required' }, apart: true });
    try {
      const backup = join(folder(), 'backup');
      const refused = await server.cli(['backup', backup, '--data-dir', dataDir]);
      expect(refused, refused.stderr).toMatchObject({ code: 6 });
      expect(readdirSync(backup)).toEqual([]);
      const made = await server.cli(['backup', backup, '--data-dir', dataDir], {
        env: { SIGNALBOX_TOKEN: JSON.parse(first.stdout).secret },
      });
      expect(made, made.stderr).toMatchObject({ code: 0 });
    } finally {
      await server.stop();
    }
  });

  it('a backup asks no server but the one that holds the data', async () => {
    const server = await serveCli({ env: { SIGNALBOX_EMBEDDED_TIER: 'pglite' }, apart: true });
    const stranger = await serveCli({ env: { SIGNALBOX_EMBEDDED_TIER: 'pglite' } });
    try {
      const holder = join(server.dataDir, 'holder.json');
      const written = JSON.parse(readFileSync(holder, 'utf8'));
      writeFileSync(holder, JSON.stringify({ ...written, address: stranger.url }));
      const backup = join(folder(), 'backup');
      const refused = await server.cli(['backup', backup, '--data-dir', server.dataDir]);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/is used by process/);
      expect(readdirSync(backup)).toEqual([]);
    } finally {
      await Promise.all([server.stop(), stranger.stop()]);
    }
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
    const server = await serveCli({ apart: true });
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

    const moved = await serveCli({ env: { SIGNALBOX_DATA_DIR: dataDir, ...env }, apart: true });
    try {
      expect(await stateOf(moved.url)).toEqual(before);
      const beside = join(folder(), 'beside.archive');
      const made = await moved.cli(['export', beside, '--data-dir', dataDir]);
      expect(made, made.stderr).toMatchObject({ code: 0 });
      expect(statSync(beside).mode & 0o777).toBe(0o600);
      expect(await moved.cli(['export', beside, '--data-dir', dataDir])).toMatchObject({ code: 4 });
      const refused = await moved.cli(['import', beside, '--data-dir', dataDir]);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toMatch(/is used by process/);
    } finally {
      await moved.stop();
    }
  });
});

import { writeFileSync } from 'node:fs';
import { chown, cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { postgresAccount } from './postgres-account.ts';
import { packageRoot } from './postgres-binaries.ts';
import { reachableBinaries } from './postgres-reach.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isRoot, mountReadOnly, ordinaryUser, processesWith } from './testing/machine.ts';
import { afterwards, directory, open, program } from './testing/workbench.ts';

const postmaster = (dataDir: string) => readPostmasterFile(join(dataDir, 'postgres/data'));

describe('embedded PostgreSQL', () => {
  it('starts as the user who runs the tests, commits durably, and leaves no process behind when closed', async () => {
    const dir = directory();
    const tier = await open(dir);
    expect(tier).toMatchObject({ kind: 'embedded', adopted: false, notice: null });
    const pool = new pg.Pool(tier.poolConfig);
    const { rows } = await pool.query(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
              current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages,
              current_setting('listen_addresses') AS addresses, current_setting('data_checksums') AS checksums,
              current_setting('server_encoding') AS encoding, lower('ÄÖ') AS folded`,
    );
    expect(rows[0]).toEqual({
      version: tier.version,
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '',
      checksums: 'on',
      encoding: 'UTF8',
      folded: 'äö',
    });
    await pool.end();
    expect(processesWith(dir)).not.toEqual([]);
    await tier.close();
    await tier.close();
    expect(processesWith(dir)).toEqual([]);
    expect(await postmaster(dir)).toBeNull();
  });

  it.runIf(isRoot)('as root runs PostgreSQL as another user, who owns only a directory of his own', async () => {
    const dir = directory();
    const tier = await open(dir);
    const file = await postmaster(dir);
    const status = await readFile(`/proc/${file?.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+[1-9]/m);
    await tier.close();
  });

  const other = ordinaryUser();
  it.runIf(other)('works for an ordinary user, also below a home that is closed to everybody else', async () => {
    const home = directory(0o700, other ?? undefined);
    const running = program(join(home, 'data'), other ?? {});
    expect(await running.next()).toMatchObject({ event: 'open', kind: 'embedded', notice: null });
    expect(await running.ask('write 3')).toEqual({ event: 'written', rows: 3 });
    expect(await running.ask('close')).toEqual({ event: 'closed' });
    expect(await running.exited()).toBe(0);
    expect(processesWith(home)).toEqual([]);
  });

  it('is adopted by the next start when the program was killed, with everything that was acknowledged', async () => {
    const dir = directory();
    const first = program(dir);
    expect(await first.next()).toMatchObject({ event: 'open', adopted: false });
    expect(await first.ask('write 50')).toEqual({ event: 'written', rows: 50 });
    const before = await postmaster(dir);
    await first.kill();
    const second = program(dir);
    const opened = await second.next();
    console.info(`opened again after kill -9 in ${opened.ms} ms, adopted`);
    expect(opened).toMatchObject({ event: 'open', kind: 'embedded', adopted: true });
    expect((await postmaster(dir))?.pid).toBe(before?.pid);
    expect(await second.ask('write 1')).toEqual({ event: 'written', rows: 51 });
    await second.ask('close');
    await second.exited();
    expect(processesWith(dir)).toEqual([]);
  });

  it('comes back with every acknowledged row when program and PostgreSQL are both killed', async () => {
    const dir = directory();
    const first = program(dir);
    await first.next();
    await first.ask('write 50');
    const server = await postmaster(dir);
    await first.kill();
    process.kill(server?.pid ?? 0, 'SIGKILL');
    const second = program(dir);
    const opened = await second.next();
    console.info(`opened again after kill -9 of PostgreSQL in ${opened.ms} ms`);
    expect(opened).toMatchObject({ event: 'open', adopted: false });
    expect(await second.ask('write 0')).toEqual({ event: 'written', rows: 50 });
    await second.ask('close');
  });

  it('is started again under a running program when PostgreSQL is killed', async () => {
    const dir = directory();
    const tier = await open(dir);
    const pool = new pg.Pool(tier.poolConfig);
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE kept (id int)');
    await pool.query('INSERT INTO kept VALUES (1)');
    process.kill((await postmaster(dir))?.pid ?? 0, 'SIGKILL');
    const count = async (): Promise<number> => {
      const result = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM kept');
      return result.rows[0]?.count ?? -1;
    };
    await expect.poll(() => count().catch(() => null), { timeout: 20_000 }).toBe(1);
    await pool.end();
    await tier.close();
    expect(processesWith(dir)).toEqual([]);
  });

  it('starts although postmaster.pid names a process id that another program has by now', async () => {
    const dir = directory();
    await (await open(dir)).close();
    const stranger = program(join(dir, 'elsewhere'), { embedded: 'pglite' });
    const file = join(dir, 'postgres/data/postmaster.pid');
    writeFileSync(file, `${stranger.child.pid}\n${join(dir, 'postgres/data')}\n1\n5432\n/nowhere\n\n1 1\nready\n`);
    const tier = await open(dir);
    expect(tier.adopted).toBe(false);
    await tier.close();
  });

  it('does not hear a Ctrl-C that goes to the whole process group, so that the program can drain', async () => {
    const dir = directory();
    const running = program(dir);
    await running.next();
    await running.ask('write 2');
    running.signalGroup('SIGINT');
    expect(await running.next()).toEqual({ event: 'written', rows: 3 });
    expect(await running.next()).toEqual({ event: 'closed' });
    expect(await running.exited()).toBe(0);
    expect(processesWith(dir)).toEqual([]);
  });

  it('puts its socket elsewhere when the path of the data directory is too long for one, and takes it away again', async () => {
    const dir = join(directory(), 'a'.repeat(60), 'b'.repeat(60));
    const tier = await open(dir);
    const host = tier.poolConfig.host ?? '';
    expect(host.startsWith(dir)).toBe(false);
    const client = new pg.Client(tier.poolConfig);
    await client.connect();
    await client.end();
    await tier.close();
    await expect(readFile(host)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('embedded binaries', () => {
  it.runIf(isRoot)(
    'are copied beside the data when the user of PostgreSQL cannot get at them, links made anew',
    async () => {
      const account = await postgresAccount();
      if (!account) throw new Error('no account');
      const closed = directory(0o700);
      const bare = join(closed, 'package');
      await cp(packageRoot(), bare, { recursive: true, verbatimSymlinks: true });
      await rm(join(bare, 'native/lib/libpq.so.5'));
      const home = join(directory(0o755), 'postgres');
      await mkdir(home);
      await chown(home, account.uid, account.gid);
      const { bin } = await reachableBinaries(home, account, bare);
      expect(bin.startsWith(join(home, '../bin'))).toBe(true);
    },
  );

  it.runIf(isRoot)('are copied with their links from a package on a read-only file system', async (context) => {
    const account = await postgresAccount();
    if (!account) throw new Error('no account');
    const bare = directory();
    await cp(packageRoot(), bare, { recursive: true, verbatimSymlinks: true });
    await rm(join(bare, 'native/lib/libpq.so.5'));
    const unmount = mountReadOnly(bare);
    if (!unmount) return context.skip('mounting is not allowed here');
    afterwards(unmount);
    const home = join(directory(0o755), 'postgres');
    await mkdir(home);
    await chown(home, account.uid, account.gid);
    const { bin } = await reachableBinaries(home, account, bare);
    expect(bin.startsWith(join(home, '../bin'))).toBe(true);
    expect(await readFile(join(bin, '../lib/libpq.so.5'))).not.toHaveLength(0);
  });
});

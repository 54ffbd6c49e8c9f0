import { writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isRoot, mountReadOnly, mountSmall, ordinaryUser, processesWith } from './testing/machine.ts';
import { afterwards, directory, open, program } from './testing/workbench.ts';

const other = ordinaryUser();

describe('one program on a data directory', () => {
  it.each(['postgres', 'pglite'] as const)('a second one is refused and told who is there [%s]', async (embedded) => {
    const dir = directory();
    const first = program(dir, { embedded });
    const opened = await first.next();
    const second = program(dir, { embedded });
    const refused = await second.next();
    expect(refused).toMatchObject({ event: 'refused', code: 'DATA_DIRECTORY_IN_USE' });
    expect(refused.message).toContain(`process ${opened.pid} on `);
    expect(refused.message).toMatch(/started at \d{4}-\d\d-\d\dT.*at http:\/\/127\.0\.0\.1:4780/);
    await first.kill();
    const third = program(dir);
    expect(await third.next()).toMatchObject({ event: 'open' });
    await third.ask('close');
  });

  it('is refused within the same process, too, and free again after closing', async () => {
    const dir = directory();
    const first = await open(dir);
    await expect(open(dir)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
    await first.close();
    await (await open(dir)).close();
  });
});

describe('what a data directory holds', () => {
  it('is kept: a directory made with PGlite stays with it, and asking for another engine is refused', async () => {
    const dir = directory();
    const made = await open(dir, 'pglite');
    expect(made.kind).toBe('pglite');
    await made.close();
    const again = await open(dir);
    expect(again.kind).toBe('pglite');
    expect(again.notice).toContain('was made with PGlite');
    await again.close();
    await expect(open(dir, 'postgres')).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  });

  it('is refused with advice when another major of PostgreSQL made it', async () => {
    const dir = directory();
    await (await open(dir)).close();
    writeFileSync(join(dir, 'postgres/data/PG_VERSION'), '17\n');
    const refusal = open(dir);
    await expect(refusal).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_OTHER_MAJOR',
      details: { found: '17', expected: '18' },
    });
    await expect(refusal).rejects.toThrow(/signalbox export .*signalbox import/);
  });

  it('is refused when its record is damaged', async () => {
    const dir = directory();
    await (await open(dir)).close();
    writeFileSync(join(dir, 'database.json'), '{"format": 1, "kind": "oracle"}');
    await expect(open(dir)).rejects.toThrow(/database\.json is damaged .*kind/);
    writeFileSync(join(dir, 'database.json'), '{"form');
    await expect(open(dir)).rejects.toThrow(/database\.json is damaged \(it is not JSON\)/);
  });

  it.each(['postgres', 'pglite'] as const)('is found again and kept when its record is lost [%s]', async (embedded) => {
    const dir = directory();
    const first = program(dir, { embedded });
    await first.next();
    await first.ask('write 3');
    await first.ask('close');
    await first.exited();
    await rm(join(dir, 'database.json'));
    await expect(open(dir, embedded === 'postgres' ? 'pglite' : 'postgres')).rejects.toThrow(`made with ${embedded}`);
    const second = program(dir);
    expect(await second.next()).toMatchObject({ kind: embedded === 'postgres' ? 'embedded' : 'pglite' });
    expect(await second.ask('write 0')).toEqual({ event: 'written', rows: 3 });
    await second.ask('close');
    expect(await readFile(join(dir, 'database.json'), 'utf8')).toContain(`"${embedded}"`);
  });

  it('is not touched when its record is lost and PostgreSQL cannot run just now', async () => {
    const dir = directory();
    await (await open(dir)).close();
    await rm(join(dir, 'database.json'));
    writeFileSync(join(dir, 'postgres/data/PG_VERSION'), '17\n');
    await expect(open(dir)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_OTHER_MAJOR' });
    writeFileSync(join(dir, 'postgres/data/PG_VERSION'), '18\n');
    writeFileSync(join(dir, 'postgres/data/local.conf'), 'no_such_setting = 1\n');
    await expect(open(dir)).rejects.toThrow(/no_such_setting/);
    await rm(join(dir, 'postgres/data/local.conf'));
    await (await open(dir)).close();
  });

  it('is refused when the cluster itself is missing, and not made anew', async () => {
    const dir = directory();
    await (await open(dir)).close();
    await rm(join(dir, 'postgres/data'), { recursive: true });
    await expect(open(dir)).rejects.toThrow(/postgres\/data is missing/);
  });

  it('leaves nothing in the way after a start that was killed at any moment', async () => {
    const dir = directory();
    for (const delay of [250, 350, 450, 600, 800]) {
      const running = program(dir);
      await new Promise((resolve) => setTimeout(resolve, delay));
      await running.kill();
    }
    const tier = await open(dir);
    const client = new pg.Client(tier.poolConfig);
    await client.connect();
    await client.query('SELECT 1');
    await client.end();
    await tier.close();
    expect(processesWith(dir)).toEqual([]);
  });
});

describe('PGlite as a fallback', () => {
  it.runIf(isRoot)(
    'is taken as root below a home that is closed to others, and says which directory closes it',
    async () => {
      const home = directory(0o700);
      const running = program(join(home, 'data'));
      const opened = await running.next();
      expect(opened).toMatchObject({ event: 'open', kind: 'pglite' });
      expect(opened.notice).toContain(`the directory ${home} (mode 700) is closed to the user `);
      expect(opened.notice).toContain('refuses to run as root');
      expect(opened.notice).toContain('one connection');
      expect(await running.ask('write 2')).toEqual({ event: 'written', rows: 2 });
      await running.kill();
      const again = program(join(home, 'data'));
      expect(await again.next()).toMatchObject({ event: 'open', kind: 'pglite' });
      expect(await again.ask('write 1')).toEqual({ event: 'written', rows: 3 });
      await again.ask('close');
      expect(await again.exited()).toBe(0);
    },
  );

  it.runIf(isRoot && other)('is taken for a user id that has no name, as containers use, and says so', async () => {
    const nameless = { uid: 54_321, gid: 54_321 };
    const running = program(join(directory(0o755, nameless), 'data'), nameless);
    const opened = await running.next();
    expect(opened).toMatchObject({ event: 'open', kind: 'pglite' });
    expect(opened.notice).toContain('the id 54321 has none on this machine');
    await running.ask('close');
  });

  it.runIf(isRoot)('is no way out when PostgreSQL is asked for by name', async () => {
    const home = directory(0o700);
    await expect(open(join(home, 'data'), 'postgres')).rejects.toThrow(
      /PostgreSQL cannot run in it: the directory .* is closed/,
    );
  });
});

describe('a data directory that cannot be used', () => {
  it.runIf(isRoot).each(['postgres', 'pglite'] as const)('says so when the disk is full [%s]', async (embedded) => {
    const dir = directory();
    const unmount = mountSmall(dir, '20m');
    if (!unmount) return console.info('skipped: mounting is not allowed here');
    afterwards(unmount);
    const refusal = open(dir, embedded);
    await expect(refusal).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
    await expect(refusal).rejects.toThrow(/the disk is full.*Free some space/);
  });

  it.runIf(isRoot)('says so when it filled up since it was made', async () => {
    const dir = directory();
    const unmount = mountSmall(dir, '120m');
    if (!unmount) return console.info('skipped: mounting is not allowed here');
    afterwards(unmount);
    await (await open(dir)).close();
    try {
      writeFileSync(join(dir, 'filler'), Buffer.alloc(120 * 1024 * 1024));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
    await expect(open(dir)).rejects.toThrow(/the disk is full/);
    await rm(join(dir, 'filler'));
    await (await open(dir)).close();
  });

  it.runIf(isRoot)('says so when it is on a read-only file system', async () => {
    const dir = directory();
    const unmount = mountReadOnly(dir);
    if (!unmount) return console.info('skipped: mounting is not allowed here');
    afterwards(unmount);
    await expect(open(dir)).rejects.toThrow(/read-only file system.*SIGNALBOX_DATA_DIR/);
    await expect(open(join(dir, 'below'))).rejects.toThrow(/read-only file system/);
  });

  it('says so when it is a file', async () => {
    const file = join(directory(), 'file');
    writeFileSync(file, '');
    await expect(open(file)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  });

  it.runIf(other)('says so to a user who may not write there', async () => {
    const running = program(directory(0o755), other ?? {});
    expect(await running.next()).toMatchObject({
      event: 'refused',
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringContaining('this user may not write there'),
    });
  });

  it.runIf(other)('says whose it is when root made it and an ordinary user starts it', async () => {
    const dir = directory(0o777);
    await (await open(dir)).close();
    const running = program(dir, other ?? {});
    const refused = await running.next();
    expect(refused).toMatchObject({ event: 'refused', code: 'DATA_DIRECTORY_UNUSABLE' });
    expect(await readFile(join(dir, 'database.json'), 'utf8')).toContain('"postgres"');
  });
});

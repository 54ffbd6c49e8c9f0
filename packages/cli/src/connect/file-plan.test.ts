import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOut } from './file-plan.ts';

describe('the plan of a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-plan-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const made = () => join(folder, 'made');
  const path = () => join(made(), 'settings.json');
  const write = (text: string) => carryOut({ path: path(), before: null, after: Buffer.from(text) });
  const takeAway = (alsoDirectory: string) =>
    carryOut({ path: path(), before: Buffer.from('x'), after: null, alsoDirectory });

  test('makes the directory and says so, and keeps the mode of what is there', async () => {
    expect(await write('one')).toBe(made());
    chmodSync(path(), 0o600);
    expect(await write('two')).toBeNull();
    expect([readFileSync(path(), 'utf8'), statSync(path()).mode & 0o777]).toEqual(['two', 0o600]);
  });

  test('takes the directory along that was made for it, but not what others have put there', async () => {
    await write('one');
    writeFileSync(join(made(), 'of-others'), '');
    await takeAway(made());
    expect([existsSync(path()), existsSync(made())]).toEqual([false, true]);
    rmSync(join(made(), 'of-others'));
    await takeAway(made());
    expect(existsSync(made())).toBe(false);
    await takeAway(made());
  });

  test('tells what else is in the way', async () => {
    mkdirSync(made());
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(takeAway(file)).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(carryOut({ path: join(file, 'x'), before: null, after: Buffer.from('x') })).rejects.toMatchObject({
      code: 'EEXIST',
    });
  });
});

import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CliProcess, temporaryFolder } from '../testing/index.ts';
import { logIsSeen } from './log-is-seen.ts';

const WAIT = { timeout: 120_000, interval: 100 };

describe('the log', () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder('signalbox-log-');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is seen on a terminal, and where it goes into the file that messages go to', () => {
    const fds = ['one', 'one', 'two'].map((name) => openSync(join(folder, name), 'a'));
    const [out, same, other] = fds.map((fd) => Object.assign(new PassThrough(), { fd }));
    const none = new PassThrough();
    const streams = { out: out ?? none, same: same ?? none, other: other ?? none };
    expect(logIsSeen({ stdout: streams.out, stderr: streams.same })).toBe(true);
    expect(logIsSeen({ stdout: streams.out, stderr: streams.other })).toBe(false);
    expect(logIsSeen({ stdout: none, stderr: none })).toBe(false);
    expect(logIsSeen({ stdout: none, stderr: Object.assign(new PassThrough(), { isTTY: true }) })).toBe(true);
    for (const fd of fds) closeSync(fd);
  });

  it('leaves the messages of a server readable there, and is whole where it stands alone', {
    timeout: 240_000,
  }, async () => {
    const args = ['up', '--port', '0', '--data-dir', join(folder, 'data'), '--roles', 'api'];
    const entries = (text: string) => text.split('\n').filter((line) => line.startsWith('{'));
    const file = join(folder, 'both');
    const shared = new CliProcess(args, { into: file });
    await vi.waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').includes('Signalbox is ready'), WAIT);
    shared.kill('SIGTERM');
    await shared.result;
    const both = readFileSync(file, 'utf8');
    expect(both).toContain('Stopping…');
    expect(entries(both)).toEqual([]);

    const apart = new CliProcess(args);
    await apart.printed(/Signalbox is ready/);
    apart.kill('SIGTERM');
    const { stdout, stderr } = await apart.result;
    expect(entries(stdout)).toEqual([]);
    expect(entries(stderr).length).toBeGreaterThan(0);
  });
});

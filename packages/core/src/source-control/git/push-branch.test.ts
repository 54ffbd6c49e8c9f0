import { existsSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { codeOf, makeRepository, userGit } from '../testing/source-room.ts';
import { pushBranch } from './push-branch.ts';
import { openRepository } from './source-repository.ts';

test('a push that does not end has failed after two minutes, whatever the other side goes on with', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-push-')));
  const [path, remote] = [join(root, 'own'), join(root, 'remote.git')];
  try {
    await makeRepository(path, { 'a.txt': 'a\n' });
    userGit(root, 'init', '-q', '--bare', remote);
    userGit(path, 'remote', 'add', 'origin', remote);
    const hook = join(remote, 'hooks/pre-receive');
    // It ends with the test at the latest: its directory is gone then.
    await writeFile(hook, `#!/bin/sh\ntouch ${root}/asked\nwhile [ -e ${root}/asked ]; do sleep 0.05; done\nexit 1\n`);
    await chmod(hook, 0o755);
    const clock = new ManualClock();
    const pushed = codeOf(
      pushBranch(await openRepository(path), { remote: undefined, branch: 'main', force: false }, clock),
    );
    await expect.poll(() => existsSync(join(root, 'asked'))).toBe(true);
    await clock.advance(119_999);
    expect(await Promise.race([pushed, clock.advance(0).then(() => 'waits')])).toBe('waits');
    await clock.advance(1);
    expect(await pushed).toBe('SOURCE_PUSH_FAILED');
    expect(userGit(remote, 'branch', '--list')).toBe('');
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What this machine lets tests do; tests that need more say so and are skipped. */
export const isRoot = process.getuid?.() === 0;

/** An ordinary user besides root who can run the sources; null where there is none. */
export function ordinaryUser(): { uid: number; gid: number } | null {
  if (!isRoot) return null;
  const user = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' });
  const group = spawnSync('id', ['-g', 'nobody'], { encoding: 'utf8' });
  if (user.status !== 0 || group.status !== 0) return null;
  const ids = { uid: Number(user.stdout), gid: Number(group.stdout) };
  const script = join(import.meta.dirname, 'tier-program.ts');
  const probe = spawnSync(process.execPath, ['-e', `require('node:fs').readFileSync(${JSON.stringify(script)})`], {
    ...ids,
    cwd: '/',
  });
  return probe.status === 0 ? ids : null;
}

/** A new directory below the system's temporary one. */
export function temporaryDirectory(mode = 0o755, owner?: { uid: number; gid: number }): string {
  const directory = mkdtempSync(join(tmpdir(), 'sbx-tier-'));
  chmodSync(directory, mode);
  if (owner) chownSync(directory, owner.uid, owner.gid);
  return directory;
}

/** Mounts a small file system in memory on `directory`; false where this is not allowed. The returned function unmounts it. */
export function mountSmall(directory: string, size: string): (() => void) | null {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', directory]).status !== 0) return null;
  return () => {
    execFileSync('umount', ['-l', directory]);
  };
}

/** Makes what is mounted on, or lies in, `directory` read-only; null where this is not allowed. */
export function mountReadOnly(directory: string): (() => void) | null {
  if (spawnSync('mount', ['--bind', directory, directory]).status !== 0) return null;
  if (spawnSync('mount', ['-o', 'remount,bind,ro', directory]).status !== 0) {
    execFileSync('umount', ['-l', directory]);
    return null;
  }
  return () => {
    execFileSync('umount', ['-l', directory]);
  };
}

/** Ids of live processes whose command line holds `text` (Linux). */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandLine(pid).includes(text));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The repository as a clone would have it, also with what is not committed yet: sources, and nothing made from them. */
export function copyOfRepository(): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-clone-')));
  // As a clone would be: the unprivileged user of the embedded PostgreSQL must be able to pass through.
  chmodSync(copy, 0o755);
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of listed.split('\0')) {
    // A file that was removed and not committed yet is still listed.
    if (file !== '' && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(copy, file));
  }
  return copy;
}

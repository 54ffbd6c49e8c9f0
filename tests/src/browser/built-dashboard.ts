import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PACKAGES = join(ROOT, 'packages');
const BUILDS = new URL('../../../scripts/launcher/build.mjs', import.meta.url).href;
const VITE = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/signalbox', import.meta.url));
const SOURCES = ['dashboard/src', 'dashboard/public', 'dashboard/index.html', 'dashboard/vite.config.ts', 'client/src'];

const run = promisify(execFile);

/** The dashboard built from the sources as they are, kept under a digest of them: what is tested is never an old build. */
export async function builtDashboard(): Promise<string> {
  const directory = join(CACHE, `dashboard-${await digestOf(SOURCES)}`);
  if (existsSync(join(directory, 'index.html'))) return directory;
  await mkdir(CACHE, { recursive: true });
  const unfinished = `${directory}.${process.pid}`;
  if (await isBuilt()) await cp(join(PACKAGES, 'dashboard/dist'), unfinished, { recursive: true });
  else await build(unfinished);
  await rename(unfinished, directory).catch(async (error: NodeJS.ErrnoException) => {
    // Another run was faster with the same sources.
    if (!existsSync(join(directory, 'index.html'))) throw error;
    await rm(unfinished, { recursive: true, force: true });
  });
  return directory;
}

async function build(directory: string): Promise<void> {
  await run(process.execPath, [VITE, 'build', '--outDir', directory, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: join(PACKAGES, 'dashboard'),
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

/** Whether `npm test` has just built it, from the sources as they are. Asked in a process of its own: the launcher listens to signals. */
async function isBuilt(): Promise<boolean> {
  const script = `import { isBuilt } from ${JSON.stringify(BUILDS)}; console.log(isBuilt(${JSON.stringify(ROOT)}));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return stdout.trim() === 'true';
}

async function digestOf(paths: readonly string[]): Promise<string> {
  const digest = createHash('sha256');
  for (const path of paths) {
    const full = join(PACKAGES, path);
    const files = path.includes('.')
      ? ['']
      : (await readdir(full, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(full.length))
          .sort();
    for (const file of files) digest.update(path + file).update(await readFile(full + file));
  }
  return digest.digest('hex').slice(0, 16);
}

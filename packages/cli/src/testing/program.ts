import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const BUNDLE = 'scripts/launcher/bundle.mjs';
const SOURCES = ['cli', 'client', 'core', 'runtimes', 'server'].map((name) => `packages/${name}/src`);

/** What `bin/signalbox.mjs` does, beside the joined program. */
const START = `import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
enableCompileCache(join(import.meta.dirname, 'compiled'));
const { main } = await import('./signalbox.js');
process.exitCode = await main(process.argv.slice(2), process);
`;

/**
 * The command line that starts `signalbox` as a process of its own; arguments follow. It is the sources as they are, joined once: to
 * load them one by one takes longer than most commands.
 */
export const PROGRAM: readonly [string, ...string[]] = [
  process.execPath,
  // PGlite is WebAssembly: to compile it well takes longer than tests run.
  '--liftoff-only',
  // For the threads and guards that it starts from their own files.
  '--conditions=source',
  await joinedProgram(),
];

async function joinedProgram(): Promise<string> {
  const folder = join(ROOT, 'node_modules/.cache/signalbox', `program-${await digestOfSources()}`);
  const start = join(folder, 'start.mjs');
  if (existsSync(start)) return start;
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await run(process.execPath, [join(ROOT, BUNDLE), draft]);
  await writeFile(join(draft, 'start.mjs'), START);
  await rename(draft, folder).catch(async (error: unknown) => {
    // Another worker was faster.
    if (!existsSync(start)) throw error;
    await rm(draft, { recursive: true, force: true });
  });
  return start;
}

async function digestOfSources(): Promise<string> {
  const files = (
    await Promise.all(
      SOURCES.map(async (folder) =>
        (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(folder, name)),
      ),
    )
  )
    .flat()
    .filter((file) => /(?<!\.test)\.ts$/.test(file))
    .sort();
  const digest = createHash('sha256');
  for (const file of ['package-lock.json', BUNDLE, ...files]) {
    digest
      .update(file)
      .update('\0')
      .update(await readFile(join(ROOT, file)))
      .update('\0');
  }
  return digest.digest('hex').slice(0, 16);
}

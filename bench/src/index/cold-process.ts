import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MOST_HEAP = '--max-old-space-size=6144';
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/** A program that reads all sources of a directory and writes what it finds into a file. */
export interface ReadingProgram {
  name: string;
  arguments: (root: string, output: string) => string[];
}

const own = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export const SCIP: ReadingProgram = {
  name: 'scip-typescript',
  arguments: (root, output) => [
    createRequire(import.meta.url).resolve('@sourcegraph/scip-typescript/dist/src/main.js'),
    'index',
    '--cwd',
    root,
    '--output',
    output,
    '--no-progress-bar',
  ],
};
export const TYPED: ReadingProgram = {
  name: 'with types',
  arguments: (root, output) => [own('./reading-process.mjs'), 'types', root, output],
};
export const STRUCTURE: ReadingProgram = {
  name: 'structure alone',
  arguments: (root, output) => [own('./reading-process.mjs'), 'structure', root, output],
};
/** @param connectionString of a database that has its tables */
export function storing(connectionString: string): ReadingProgram {
  return {
    name: 'into the graph',
    arguments: (root) => ['--conditions=source', own('./stored-process.ts'), root, connectionString],
  };
}
export const CHECKER: ReadingProgram = {
  name: 'bare checker',
  arguments: (root, output) => [own('./checker-process.mjs'), root, output],
};

/** Compiles core, as it is installed. @throws what the compiler said */
export async function compileCore(): Promise<void> {
  await run('npm', ['run', '--silent', 'tsc', '--', '-b', 'packages/core'], { cwd: REPOSITORY });
}

/** Milliseconds from its start to its end. @throws what it said, where it failed */
export async function timeOf({ arguments: argumentsOf }: ReadingProgram, root: string, n: number): Promise<number> {
  const began = performance.now();
  await run(process.execPath, [MOST_HEAP, ...argumentsOf(root, join(root, `found-${n}`))], { maxBuffer: 1 << 28 });
  return performance.now() - began;
}

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compile } from './build.mjs';

const COMPILER = resolve('node_modules', 'typescript-native');
const QUICK = { lib: ['es2022'], skipLibCheck: true };
/** Several compilations, each of which takes seconds where the machine has other work. */
const TEST_MS = 240_000;
let root;

/** Two packages, of which one needs the other. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-'));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(COMPILER, join(root, 'node_modules', 'typescript-native'));
  const references = [{ path: 'packages/low' }, { path: 'packages/high' }];
  write('tsconfig.json', JSON.stringify({ files: [], references }));
  for (const [name, needs] of [
    ['low', []],
    ['high', ['low']],
  ]) {
    write(`packages/${name}/package.json`, JSON.stringify({ name, type: 'module' }));
    const compilerOptions = {
      composite: true,
      rootDir: 'src',
      outDir: 'dist',
      module: 'nodenext',
      types: [],
      ...QUICK,
    };
    const refersTo = needs.map((one) => ({ path: `../${one}` }));
    write(
      `packages/${name}/tsconfig.json`,
      JSON.stringify({ compilerOptions, include: ['src'], references: refersTo }),
    );
  }
  write('packages/low/src/index.ts', 'export const low: number = 1;\n');
  write('packages/high/src/index.ts', "import { low } from '../../low/dist/index.js';\nexport const high = low + 1;\n");
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path, text) {
  const file = join(root, path);
  mkdirSync(resolve(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

const built = (name) => readFileSync(join(root, 'packages', name, 'dist', 'index.js'), 'utf8');

it(
  'is built again from the start where an interrupted build left the compiler sure of files that are not there',
  async () => {
    expect(await compile(root, process.execPath)).toBe(0);
    rmSync(join(root, 'packages/low/dist/index.d.ts'));
    write(
      'packages/high/src/index.ts',
      "import { low } from '../../low/dist/index.js';\nexport const high: number = low;\n",
    );
    // What is mended is broken: the compiler alone fails.
    const alone = () =>
      execFileSync(process.execPath, [join(COMPILER, 'bin', 'tsc'), '-b'], { cwd: root, stdio: 'pipe' });
    expect(alone).toThrow();
    expect(await compile(root, process.execPath)).toBe(0);
    expect(existsSync(join(root, 'packages/low/dist/index.d.ts'))).toBe(true);
    expect(built('high')).toContain('high = low;');
  },
  TEST_MS,
);

it(
  'fails with its code where the sources are wrong',
  async () => {
    write('packages/low/src/index.ts', "export const low: number = 'x';\n");
    expect(await compile(root, process.execPath)).not.toBe(0);
  },
  TEST_MS,
);

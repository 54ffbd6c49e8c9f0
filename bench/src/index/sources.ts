import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What both are told of how the sources are to be read. */
const CONFIGURATION = {
  compilerOptions: {
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom', 'dom.asynciterable'],
    strict: true,
    types: [],
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src'],
};

export type PackageName = 'rxjs' | 'effect';

/** A new directory with a package's sources, as it ships them, and a configuration; the caller removes it. */
export function laySources(name: PackageName): string {
  const from = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const root = realpathSync(mkdtempSync(join(tmpdir(), `signalbox-${name}-`)));
  cpSync(join(from, 'src'), join(root, 'src'), {
    recursive: true,
    filter: (path) => !/tsconfig[^/]*\.json$/.test(path),
  });
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(CONFIGURATION));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name, version: '0.0.0', type: 'module' }));
  const inModules = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const dependency of DEPENDENCIES[name]) {
    const target = [join(from, 'node_modules'), ...inModules].map((path) => join(path, dependency)).find(existsSync);
    if (target === undefined) throw new Error(`${name} needs ${dependency}, which is not installed.`);
    mkdirSync(dirname(join(root, 'node_modules', dependency)), { recursive: true });
    symlinkSync(target, join(root, 'node_modules', dependency));
  }
  return root;
}

const DEPENDENCIES: Readonly<Record<PackageName, readonly string[]>> = {
  rxjs: ['tslib'],
  effect: ['fast-check', '@standard-schema/spec'],
};

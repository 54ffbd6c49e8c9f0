import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

it('the generated types are those of the committed OpenAPI document (else run `npm run openapi`)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-generated-'));
  try {
    // The package's own `generate` script, in a copy that has the document and nothing else.
    const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    const [, ...args] = String(manifest.scripts.generate).split(' ');
    const generator = createRequire(import.meta.url).resolve('openapi-typescript/package.json');
    copyFileSync(join(packageFolder, 'openapi.json'), join(folder, 'openapi.json'));
    mkdirSync(join(folder, 'src', 'generated'), { recursive: true });
    execFileSync(process.execPath, [join(dirname(generator), 'bin', 'cli.js'), ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
    const fresh = readFileSync(join(folder, 'src', 'generated', 'api.ts'), 'utf8');
    expect(fresh).toBe(readFileSync(join(packageFolder, 'src', 'generated', 'api.ts'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

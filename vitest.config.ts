import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Every package is tested from its sources: the `source` export condition leads there, so no build has to run first. */
const conditions = ['source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/src/**/*.test.tsx',
      'tests/src/**/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['packages/core/src/testing/global-setup.ts'],
    // It depends on packages whose own `source` condition leads to TypeScript, which Node takes from no package.
    server: { deps: { inline: [/@modelcontextprotocol\/client/, /\/eventsource/] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    // Programs that tests start load some 1,800 modules each: compiled once, they are there in two thirds of the time.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/signalbox/compiled', import.meta.url)) },
    // PGlite is WebAssembly, and each file starts it anew: to compile it well takes longer than its tests run.
    execArgv: ['--liftoff-only'],
    // On a shared machine noise fails a test now and then. It is tried once more, and told as flaky: see scripts/testing.
    retry: process.env.CI ? 1 : 0,
  },
});

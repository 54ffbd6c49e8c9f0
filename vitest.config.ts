import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Files that share a process, and with it what they import and the databases that the last one has left: that takes longer than most of
 * them. They keep to themselves, and start no programs: a process that has grown large takes long for that.
 */
const TOGETHER = [
  'packages/core/src/{agents,approvals,audit,knowledge,locks,policies,projects,sessions,tasks,threads,webhooks}/**/*.test.ts',
  'packages/client/src/transport/**/*.test.ts',
  'packages/dashboard/src/**/*.test.{ts,tsx}',
  'packages/server/src/{auth,http,routes,sse}/**/*.test.ts',
];

/** Every package is tested from its sources: the `source` export condition leads there, so no build has to run first. */
const conditions = ['source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'tests/src/**/*.test.ts', 'scripts/**/*.test.mjs'],
          exclude: TOGETHER,
        },
      },
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

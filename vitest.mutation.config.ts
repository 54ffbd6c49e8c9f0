import { defineConfig } from 'vitest/config';

const conditions = ['source'];

/**
 * The tests that a mutation run repeats for every mutant, of which Stryker takes those that reach it. Those that need a
 * database have PGlite alone, so that stores and the runners of operations are mutated as well and no server is needed.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/core/src/rollback/**/*.test.ts', 'packages/core/src/captures-in-use.test.ts'],
    // What several nodes lock in which order shows on a server alone.
    exclude: ['**/node_modules/**', '**/lock-order.test.ts'],
    globalSetup: ['packages/core/src/testing/pglite-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});

import { defineConfig } from 'vitest/config';

const conditions = ['source'];

/**
 * The tests that a mutation run repeats for every mutant: those of rollback that need no database, so that a run takes
 * minutes. What only a database can tell (stores, and the verbs that the acceptance tests hold) is not mutated.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/core/src/rollback/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/acceptance.test.ts',
      '**/rollback-operations.test.ts',
      '**/rollback-points.test.ts',
      '**/monitoring/**',
    ],
    testTimeout: 30_000,
    maxWorkers: 1,
  },
});

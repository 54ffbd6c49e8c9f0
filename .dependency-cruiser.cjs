/**
 * The house rules about who may import whom (ARCHITECTURE.md). `npm run check:house` runs them; each rule has a test
 * that plants a violation.
 */
const rooms = '^packages/core/src/(?!platform|testing)([^/]+)/';

module.exports = {
  forbidden: [
    {
      name: 'platform-imports-no-room',
      severity: 'error',
      comment: 'platform is what rooms stand on; it must not know any of them.',
      from: { path: '^packages/core/src/platform/', pathNot: '\\.test\\.ts$' },
      to: { path: rooms },
    },
    {
      name: 'rooms-through-their-index',
      severity: 'error',
      comment: 'a room imports another room only through its index.ts.',
      from: { path: '^packages/core/src/(?!platform|testing)([^/]+)/' },
      to: {
        path: '^packages/core/src/(?!platform|testing|$1/)[^/]+/',
        pathNot: '^packages/core/src/[^/]+/index\\.ts$',
      },
    },
    {
      name: 'core-imports-no-other-package',
      severity: 'error',
      comment: 'core is a library and knows neither HTTP nor runtimes.',
      from: { path: '^packages/core/' },
      to: { path: '^packages/(?!core/)' },
    },
    {
      name: 'core-knows-no-http',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { path: 'node_modules/(fastify|@fastify/|commander|@modelcontextprotocol/)' },
    },
    {
      name: 'runtimes-import-core-alone',
      severity: 'error',
      from: { path: '^packages/runtimes/' },
      to: { path: '^packages/(?!runtimes/|core/)' },
    },
    {
      name: 'packages-through-their-entry',
      severity: 'error',
      comment: 'a package imports another only through what its package.json exports.',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/(?!$1/)[^/]+/src/(?!index\\.ts$|(testing|local|hooks)/index\\.ts$)' },
    },
    {
      name: 'dashboard-talks-through-the-client',
      severity: 'error',
      from: { path: '^packages/dashboard/src/' },
      to: { path: '^packages/(?!dashboard/|client/)' },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/(?!client/)' },
    },
    {
      name: 'langgraph-talks-through-the-client',
      severity: 'error',
      comment: 'a graph that talks to a server need not install core; core in process fits by its shape.',
      from: { path: '^packages/langgraph/src/', pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: '^packages/(?!langgraph/|client/)' },
    },
    {
      name: 'cli-talks-through-client-or-server',
      severity: 'error',
      comment: 'the cli reaches data only through the client, or through the server package for what runs locally.',
      from: { path: '^packages/cli/src/', pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: '^packages/(?!cli/|client/|server/)' },
    },
    {
      name: 'driver-in-the-database-alone',
      severity: 'error',
      comment: 'the PostgreSQL driver is used by platform/database; everybody else goes through its interface.',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/core/src/(platform/database|testing)/|\\.test\\.ts$' },
      to: { path: 'node_modules/(pg|@electric-sql/pglite|node-pg-migrate)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '\\.test\\.tsx?$|/testing/' },
      to: {
        path: '\\.test\\.tsx?$|^packages/core/src/testing/|node_modules/(vitest|fast-check)/|^(vitest|fast-check)$',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/(dist|generated)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default'] },
  },
};

import type { TestProject } from 'vitest/node';
import { migratedPglite } from './pglite-image.ts';

/** For runs that repeat tests very often: they share a PGlite image, and no server is started. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('postgresUrl', null);
  project.provide('pglitePath', await migratedPglite());
}

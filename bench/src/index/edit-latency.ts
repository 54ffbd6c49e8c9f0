import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PgDatabase } from '@signalbox/core';
import { startServerPostgres } from '@signalbox/core/testing';
import { type OpenedCore, openCore } from '../opened-core.ts';
import { median } from '../side-by-side.ts';

const FILES = 1_000;
const CONFIGURATION = { compilerOptions: { module: 'esnext', moduleResolution: 'bundler', strict: true, types: [] } };
const PATIENCE_MS = 30_000;
const INDEX_PATIENCE_MS = 300_000;
/** Between two edits, so that one does not wait for what the other set off. */
const PAUSE_MS = 700;

export interface EditLatency {
  /** Milliseconds, medians: from when a runtime reports an edit, */
  reported: number;
  /** and from the write of a file that only the watcher sees, until the graph shows it. */
  watched: number;
}

/** How soon the graph shows an edit of one of 1,000 files that import each other. */
export async function editLatency(edits: number): Promise<EditLatency> {
  const server = await startServerPostgres({ durable: true });
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-edits-')));
  let opened: OpenedCore | null = null;
  try {
    laySources(root);
    opened = await openCore(new PgDatabase({ kind: 'server', pool: { connectionString: server.connectionString } }));
    const { core, projectId } = opened;
    const { id } = await core.workspaces.create(projectId, { path: root }, 'bench');
    core.indexing.start();
    const { id: job } = await core.indexing.request(projectId, { workspaceId: id }, 'bench');
    await until(async () => (await core.indexing.get(projectId, job)).status === 'completed', INDEX_PATIENCE_MS);
    await wait(3 * PAUSE_MS);
    const times = { reported: [] as number[], watched: [] as number[] };
    // The first of each is not counted: what it needs is loaded then.
    for (let n = -2; n < 2 * edits; n += 1) {
      const isReported = n % 2 === 0;
      const file = `m${(n + 2) * 17}.ts`;
      const name = `added${n + 2}`;
      writeFileSync(join(root, file), `${sourceOf((n + 2) * 17)}export function ${name}(): number { return 1; }\n`);
      const began = performance.now();
      if (isReported) core.indexing.edited(projectId, id, [file]);
      await until(() => isDeclared(opened, file, name));
      if (n >= 0) times[isReported ? 'reported' : 'watched'].push(performance.now() - began);
      await wait(PAUSE_MS);
    }
    for (const [way, taken] of Object.entries(times)) {
      const slowest = Math.max(...taken).toFixed(0);
      console.log(`an edit of ${FILES} files, ${way}: median ${median(taken).toFixed(0)} ms, slowest ${slowest} ms`);
    }
    return { reported: median(times.reported), watched: median(times.watched) };
  } finally {
    await opened?.core.indexing.stop();
    await opened?.close();
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

function laySources(root: string): void {
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(CONFIGURATION));
  for (let n = 0; n < FILES; n += 1) writeFileSync(join(root, `m${n}.ts`), sourceOf(n));
}

/** Twenty functions, each of which calls one of the module before. */
function sourceOf(n: number): string {
  const before = `m${Math.max(0, n - 1)}`;
  const functions = Array.from({ length: 20 }, (_, f) => {
    const called = n === 0 ? '0' : `before.f${f}(x)`;
    return `export function f${f}(x: number): number {\n  return x > 0 ? ${called} : x;\n}\n`;
  });
  return `${n === 0 ? '' : `import * as before from './${before}';\n`}${functions.join('')}`;
}

/** Whether a question to the graph shows that the file declares something of this name. */
async function isDeclared(opened: OpenedCore | null, file: string, name: string): Promise<boolean> {
  const asked = { startId: `file:${file}`, relationshipTypes: ['DEFINES' as const], maxDepth: 1 };
  const found = await opened?.core.knowledge.traverse(opened.projectId, asked);
  return found?.visited.some((one) => one.name === name) ?? false;
}

async function until(isSo: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('The graph does not show it.');
    await wait(5);
  }
}

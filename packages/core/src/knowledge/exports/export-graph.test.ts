import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Workspaces } from '../../workspaces/index.ts';
import { Reports } from '../imports/import-report.ts';
import { readReport } from '../imports/read-report.ts';
import { indexSources, openSources } from '../indexers/typescript/index-sources.ts';
import { statesOf, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { Knowledge } from '../knowledge.ts';
import { loadNoiseSettings } from '../noise/noise-settings.ts';
import { GraphExports } from './export-graph.ts';

/** The schema as those who made SCIP publish it. */
const published = createRequire(import.meta.url)('@sourcegraph/scip-typescript/dist/src/scip.js') as {
  scip: { Index: { deserializeBinary: (bytes: Uint8Array) => { toObject: () => unknown } } };
};
const indexSchema = z.object({
  metadata: z.object({ tool_info: z.object({ name: z.string() }) }),
  documents: z.array(
    z.object({
      relative_path: z.string(),
      language: z.string().default(''),
      occurrences: z.array(z.object({ range: z.array(z.int()), symbol: z.string(), symbol_roles: z.int().default(0) })),
      symbols: z.array(z.object({ symbol: z.string(), kind: z.int().default(0), documentation: z.array(z.string()) })),
    }),
  ),
});
const decoded = (base64: string) =>
  indexSchema.parse(published.scip.Index.deserializeBinary(gunzipSync(Buffer.from(base64, 'base64'))).toObject());

const TAX = `export interface Rated {
  rate(country: string): number;
}
export class Tax implements Rated {
  static known: Tax[] = [];
  base: number;
  constructor(base: number, label: Label) {
    this.base = base;
  }
  rate(country: string): number {
    return country === 'de' ? this.base : reduced();
  }
}
export type Label = { text: string };
export const reduced = (): number => 0.07;
export namespace Old {
  export const rate = 0.16;
}
`;
const INVOICE = `import { Old, Tax } from './tax';
export class Invoice extends Tax {
  override rate(country: string): number {
    Tax.known.push(this);
    return super.rate(country) + Old.rate;
  }
}
export const first = new Invoice(1, { text: 'a' });
first.rate('de');
`;
const USES = [
  'IMPORTS',
  'CALLS',
  'REFERENCES',
  'IMPLEMENTS',
  'EXTENDS',
  'OVERRIDES',
  'READS',
  'WRITES',
  'TYPE_USES',
  'PARAM_TYPE',
  'RETURNS_TYPE',
];

describeOnBackends('the code graph as an index of SCIP', (backend) => {
  let db: TestDatabase;
  let knowledge: Knowledge;
  let reports: Reports;
  let exports: GraphExports;
  let from: string;
  let to: string;
  let root: string;
  let workspaceId: string;

  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock: systemClock, ids: systemIds };
    knowledge = new Knowledge(parts);
    const workspaces = new Workspaces(parts);
    reports = new Reports({ ...parts, workspaces, noise: loadNoiseSettings({}), read: readReport });
    exports = new GraphExports({ ...parts, workspaces });
    [from, to] = [await insertTestProject(db.database), await insertTestProject(db.database)];
    const compilerOptions = { lib: ['es5'], types: [], strict: true, module: 'esnext', moduleResolution: 'bundler' };
    root = writeSources({
      ...{ 'src/tax.ts': TAX, 'src/invoice.ts': INVOICE },
      'tsconfig.json': JSON.stringify({ compilerOptions }),
    });
    workspaceId = (await workspaces.create(from, { path: root }, 'ann')).id;
    const units = [...indexSources(openSources(root, statesOf(root)))].map(({ path, entities, relationships }) => ({
      ...{ unit: `typescript:${workspaceId}:${path}`, entities, relationships },
    }));
    await knowledge.ingest(from, { units }, 'ann');
  });
  afterAll(async () => {
    await db.close();
    rmSync(root, { recursive: true });
  });

  const symbolsOf = async (projectId: string) => {
    const text = `SELECT id FROM graph_entities WHERE project_id = $1 AND type = 'symbol' AND valid_to IS NULL ORDER BY id`;
    return (await db.database.query<{ id: string }>({ name: '', text }, [projectId])).map(({ id }) => id);
  };
  const pairsOf = async (projectId: string, types: readonly string[]) => {
    const text = `SELECT DISTINCT from_id || ' -> ' || to_id AS pair FROM graph_relationships
      WHERE project_id = $1 AND type = ANY ($2::text[]) AND valid_to IS NULL ORDER BY 1`;
    return (await db.database.query<{ pair: string }>({ name: '', text }, [projectId, types])).map(({ pair }) => pair);
  };

  it('is read by the published schema, and says where each symbol stands', async () => {
    const { base64, documents, symbols, leftOut } = await exports.export(from, { workspaceId });
    const index = decoded(base64);
    expect(index.metadata.tool_info.name).toBe('signalbox');
    expect(index.documents.map(({ relative_path }) => relative_path)).toEqual(['src/invoice.ts', 'src/tax.ts']);
    expect({ documents, symbols, leftOut }).toEqual({
      ...{ documents: 2, leftOut: {} },
      symbols: (await symbolsOf(from)).length,
    });
    const texts = [INVOICE, TAX].map((text) => text.split('\n'));
    for (const [n, { occurrences }] of index.documents.entries()) {
      for (const { range, symbol, symbol_roles } of occurrences) {
        const [line = 0, start = 0, end = 0] = range;
        const named = texts[n]?.[line]?.slice(start, end);
        const [, last = ''] = /([\w<>]+)(?:\(\)\.|[#.]|\.?`@\w+`:)*$/.exec(symbol) ?? [];
        if (symbol_roles === 1 && last !== '' && !symbol.endsWith('/')) expect([symbol, named]).toEqual([symbol, last]);
      }
    }
    const kinds = index.documents.flatMap(({ symbols: all }) => all).map(({ symbol, kind }) => [symbol, kind]);
    expect(kinds).toContainEqual(['signalbox . . . src/`tax.ts`/Tax#rate().', 26]);
    expect(kinds).toContainEqual(['signalbox . . . src/`tax.ts`/Tax#', 7]);
  });

  it('taken into another project comes to the same definitions and references, and again to no change', async () => {
    const { base64 } = await exports.export(from, {});
    const taken = await reports.import(to, { base64 }, 'ann');
    expect(taken).toMatchObject({ format: 'scip', problems: [] });
    expect(await symbolsOf(to)).toEqual(await symbolsOf(from));
    const defined = ['DEFINES', 'CONTAINS'];
    expect(await pairsOf(to, defined)).toEqual(await pairsOf(from, defined));
    const uses = await pairsOf(from, USES);
    expect(uses.length).toBeGreaterThan(15);
    expect(await pairsOf(to, USES)).toEqual(uses);
    // Kinds that an index tells of with less than the graph asks for are not kept, and with them the ends of names.
    const places = (index: z.infer<typeof indexSchema>) =>
      index.documents.flatMap(({ relative_path: path, occurrences }) =>
        occurrences.map(({ range, symbol, symbol_roles: roles }) =>
          JSON.stringify([path, range.slice(0, 2), symbol.replace(/(?:\(\)\.|[#.])$/, ''), roles & 1]),
        ),
      );
    const again = new Set(places(decoded((await exports.export(to, {})).base64)));
    expect(places(decoded(base64)).filter((place) => !again.has(place))).toEqual([]);
    const { entities, relationships } = await reports.import(to, { base64 }, 'ann');
    expect([entities, relationships]).toEqual([
      { added: 0, changed: 0, removed: 0 },
      { added: 0, changed: 0, removed: 0 },
    ]);
  });

  it('is refused where it came to more than others would take', async () => {
    const workspaces = new Workspaces({ database: db.database, ids: systemIds });
    const count = (await symbolsOf(from)).length;
    for (const most of [count - 1, count]) {
      const small = new GraphExports({ database: db.database, workspaces, most });
      await expect(small.export(from, {})).rejects.toMatchObject({
        ...{ code: 'GRAPH_EXPORT_TOO_LARGE', details: { limit: most } },
      });
    }
    const enough = new GraphExports({ database: db.database, workspaces, most: 10 * count });
    expect(await enough.export(from, {})).toMatchObject({ symbols: count });
  });

  it('knows what its project has alone, of one workspace where that is asked for', async () => {
    const other = await insertTestProject(db.database);
    expect(await exports.export(other, {})).toMatchObject({ documents: 0, symbols: 0 });
    await expect(exports.export(other, { workspaceId })).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
    await expect(exports.export(from, { format: 'lsif' } as object)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});

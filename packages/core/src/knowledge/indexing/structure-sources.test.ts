import { readdirSync, realpathSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileFacts } from '../indexers/file-facts.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { entitySchema } from '../vocabulary/entity.ts';
import type { IndexMode } from './index-mode.ts';
import type { IndexedFile } from './indexed-file.ts';
import { WorkspaceReader } from './read-workspace.ts';

const FILES: Record<string, string> = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: { lib: ['es2022'], types: [], module: 'nodenext', allowJs: true },
  }),
  'shapes.ts': `/** A shape.\n * @deprecated Use another. */\nexport abstract class Shape<T> extends Array<T> implements Sized {
  static of(): void {}\n  of = 1;\n  #secret = 2;\n  constructor(protected readonly size: number, plain = 1) { super(); class Local {} }
  get area(): number { return 1; }\n  set area(value) {}\n  ['computed' + 1]() { const inside = () => 1; return inside; }
  protected abstract draw(at: number): void;\n}
interface Sized { size: number; grow(by?: number): void; new (x: number): Sized; }
export type Point = { x: number; y: { z: number } } ;\nexport type Either = 'a' | 'b';
export enum Side { Left, 'Right side' = 2 }\nexport const enum Fixed { One }
`,
  'values.ts': `import { Shape, type Point as P } from './shapes.js';\nimport * as all from './shapes.js';\nimport fs from 'node:fs';\nimport './gone.js';
export const table = { one: 1, two() { return 2; }, 'three x': () => { const local = 3; return local; }, ...all } as const;
export const [first, { second, third: [fourth] }] = [1, { second: 2, third: [3] }] as any;
export const arrow = async (a: number, b = 2): Promise<number> => (a > b ? a : b && a);
export const Made = class { made() { return 1; } };\nconst hidden = function* () { yield fs; };
export { hidden as shown };\nexport * from './shapes.js';\nif (first) { const scoped = 1; }
export function over(a: string): void;\nexport function over(a: number): void;\nexport function over(a: unknown) { if (a) for (;;) {} }
export namespace Outer { export const inner = 1; export namespace Deep { export function deepest() {} } namespace Shut {} }
declare module 'elsewhere' { interface Added { here: P } }\ndeclare global { interface Window { added: Shape<1> } }
over(class { named() {} });\nexport default { key: 1, nested: { no: 2 } };\n`,
  'named-default.ts': 'export default function () { return 1; }\n',
  'of-class.ts': "import made = require('./values.js');\nexport default class extends made.Made { own = () => 1; }\n",
  'view.tsx':
    'export const View = (props: { a: string }) => <div title={props.a}>{[1].map((x) => <b key={x}>{x}</b>)}</div>;\n',
  'old.cjs':
    'exports.one = 1;\nmodule.exports.two = function () { return 2; };\nfunction three() {}\n/** @type {number} */ let four;\n',
};

const SAMPLE = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

async function factsOf(root: string, listed: string[] | null, mode: IndexMode): Promise<FileFacts[]> {
  const read = await new WorkspaceReader(root).read(listed, new Map(), mode);
  return [...read.facts()].filter(({ indexer }) => indexer === 'typescript').map(({ facts }) => facts);
}

const DECLARED = [
  ...['id', 'kind', 'name', 'location', 'signature', 'visibility', 'isExported', 'hash'],
  ...['parameters', 'complexity', 'methods', 'properties'],
];

/** Ids, kinds, names and places of what each file declares, what it stands in, and whether others see it. */
function definitionsOf(all: readonly FileFacts[]): Record<string, unknown> {
  const told = all.map(({ path, entities, relationships }) => {
    const symbols = entities.filter(({ type }) => type === 'symbol');
    const within = relationships.filter(
      ({ type, toEntityId }) => /^(?:DEFINES|CONTAINS)$/.test(String(type)) && String(toEntityId).startsWith('sym:'),
    );
    const says = symbols.map((symbol) => Object.fromEntries(DECLARED.map((field) => [field, symbol[field]])));
    const edges = within.map(({ type, fromEntityId, toEntityId, locations }) => ({
      type,
      fromEntityId,
      toEntityId,
      locations,
    }));
    return [path, { says, edges }] as const;
  });
  return Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('structure of TypeScript and JavaScript', () => {
  let root: string;
  beforeAll(() => {
    root = writeSources(FILES);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('declares what reading with types declares: under the same ids, at the same places', async () => {
    const byStructure = definitionsOf(await factsOf(root, null, 'structure'));
    expect(byStructure).toEqual(definitionsOf(await factsOf(root, null, 'types')));
    const { says } = byStructure['values.ts'] as { says: { name: string }[] };
    expect(says.map(({ name }) => name)).toContain('Outer.Deep.deepest');
  });

  it('and so in the sources of this program', async () => {
    const listed = readdirSync(SAMPLE, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /^(?:graph|identity|noise|vocabulary)\/[^/]*\.ts$/.test(path),
    );
    const byStructure = definitionsOf(await factsOf(SAMPLE, listed, 'structure'));
    expect(Object.keys(byStructure).length).toBeGreaterThan(30);
    expect(byStructure).toEqual(definitionsOf(await factsOf(SAMPLE, listed, 'types')));
  });

  it('says what the graph takes, with the comments and where imports lead', async () => {
    const all = await factsOf(root, null, 'structure');
    for (const { entities } of all)
      for (const one of entities) expect(entitySchema.parse(one)).toMatchObject({ id: one.id });
    const of = (path: string) => all.find((one) => one.path === path);
    expect(of('shapes.ts')?.entities[1]).toMatchObject({ docstring: 'A shape.\nUse another.', isDeprecated: true });
    const imports = of('values.ts')?.relationships.filter(({ type }) => type === 'IMPORTS');
    expect(imports?.map(({ toEntityId }) => toEntityId)).toEqual([
      'file:shapes.ts',
      'external:node:fs',
      'import:./gone.js:*',
    ]);
    expect(of('values.ts')?.relationships.some(({ type }) => type === 'CALLS')).toBe(false);
  });

  it('reads again what changed, and all where imports may lead elsewhere', async () => {
    const own = writeSources({
      'a.ts': "import './b.js';\n",
      'c.ts': 'export const c = 1;\n',
      'deep.ts': `export const x = ${'['.repeat(50_000)};\n`,
    });
    const reader = new WorkspaceReader(own);
    const known = new Map<string, IndexedFile>();
    const read = async (mode: IndexMode) => {
      const { facts, affected } = await reader.read(null, known, mode);
      for (const { remembered } of facts()) known.set(remembered.path, remembered);
      return [...affected].sort();
    };
    expect(await read('structure')).toEqual(['a.ts', 'c.ts', 'deep.ts']);
    expect(await read('structure')).toEqual([]);
    writeSource(own, 'c.ts', 'export const d = 1;\n');
    const edits = await reader.readEdits(['c.ts', 'a.ts'], known, 'structure');
    expect([...(edits?.facts() ?? [])].map(({ facts }) => facts.entities.map(({ name }) => name))).toEqual([
      [undefined, 'd'],
    ]);
    expect(await reader.readEdits(['c.ts'], known, 'types')).toBeNull();
    for (const { remembered } of edits?.facts() ?? []) known.set(remembered.path, remembered);
    writeSource(own, 'b.ts', 'export {};\n');
    expect(await read('structure')).toEqual(['a.ts', 'b.ts', 'c.ts', 'deep.ts']);
    // Read in the other way, each of them says something else.
    expect(await read('types')).toEqual(['a.ts', 'b.ts', 'c.ts', 'deep.ts']);
    rmSync(own, { recursive: true });
  });
});

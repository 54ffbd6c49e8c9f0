import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import type { IndexedFile } from './indexed-file.ts';
import { WorkspaceReader } from './read-workspace.ts';

const CONFIGURATION = { compilerOptions: { noLib: true, types: [], module: 'preserve', moduleResolution: 'bundler' } };
const BEFORE = 'export interface Base { a: number }\nexport const base: Base = { a: 1 };\n';
const AFTER = 'export interface Base { a: number; b: number }\nexport const base: Base = { a: 1, b: 2 };\n';

/** What of `base.ts` <- `middle.ts` <- `end.ts` is read again, in that order, once the interface of the first has changed. */
async function readAgain(middle: string): Promise<string[]> {
  const root = writeSources({
    'tsconfig.json': JSON.stringify(CONFIGURATION),
    'base.ts': BEFORE,
    'middle.ts': middle,
    'end.ts': "import * as middle from './middle';\nexport const end = (): unknown => middle;\n",
  });
  try {
    const reader = new WorkspaceReader(root);
    const known = new Map<string, IndexedFile>();
    for (const { remembered } of (await reader.read(null, known)).facts()) known.set(remembered.path, remembered);
    writeSource(root, 'base.ts', AFTER);
    const { facts } = (await reader.readEdits(['base.ts'], known)) ?? { facts: () => [] };
    return [...facts()].map(({ facts: { path } }) => path);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const IMPORT = "import { type Base, base } from './base';\n";
const SEEN: Record<string, string> = {
  'a type that is written down': `${IMPORT}export function f(): Base { return base; }`,
  'a type that is inferred': `${IMPORT}export const f = () => base;`,
  'a variable that another one is': `${IMPORT}const mine = base;\nexport const f = mine;`,
  'a base': `${IMPORT}export interface More extends Base {}`,
  'a name that is passed on': `${IMPORT}export { base };`,
  'a namespace that is passed on': "export * as all from './base';",
  'all that there is': "export * from './base';",
  'the type of an import': "export declare const f: import('./base').Base;",
  'an import that is a value': "export const f = import('./base');",
};
const HIDDEN: Record<string, string> = {
  'a body': `${IMPORT}export function f(): number { const mine: Base = base; return mine.a; }`,
  'a value': `${IMPORT}export const f: number = base.a;`,
  'a constructor': `${IMPORT}export class F { a: number; constructor() { this.a = base.a; } }`,
  'a setter': `${IMPORT}export class F { set a(value: number) { base.a = value; } }`,
};

test.each(Object.keys(SEEN))('whoever imports a file through which %s is seen is read again', async (what) => {
  expect(await readAgain(SEEN[what] ?? '')).toEqual(['base.ts', 'end.ts', 'middle.ts']);
});

test.each(Object.keys(HIDDEN))(
  'whoever imports a file in which only %s has to do with what changed is not',
  async (what) => {
    expect(await readAgain(HIDDEN[what] ?? '')).toEqual(['base.ts', 'middle.ts']);
  },
);

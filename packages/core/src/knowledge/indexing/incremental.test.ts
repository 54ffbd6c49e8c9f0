import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomCases } from '../../testing/index.ts';
import type { FileFacts } from '../indexers/file-facts.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import type { IndexedFile } from './indexed-file.ts';
import { readWorkspace, WorkspaceReader } from './read-workspace.ts';

/** `m2/index.ts` is what `./m2` leads to where there is no `m2.ts`. */
const PATHS = ['m0.ts', 'm1.ts', 'm2.ts', 'm2/index.ts', 'm3.ts', 'ambient.d.ts', 'p0.py', 'p1.py'];
const MODULES = ['m0', 'm1', 'm2', 'm3'];
const CONFIGURATION = { compilerOptions: { noLib: true, types: [], module: 'preserve', moduleResolution: 'bundler' } };

const name = fc.constantFrom('x', 'y', 'z');
const other = fc.constantFrom(...MODULES);
/** Each leads to what others export, by its type, by a call, or by what is inferred from that. */
const statement = fc.oneof(
  fc
    .record({ n: name, from: other, use: name })
    .map(({ n, from, use }) => `import { ${use} as i_${n} } from './${from}';`),
  fc.record({ n: name, use: name }).map(({ n, use }) => `export function ${n}() { return i_${use}(); }`),
  fc.record({ n: name, use: name }).map(({ n, use }) => `export function ${n}(): number { return i_${use}().p; }`),
  fc.record({ n: name, use: name }).map(({ n, use }) => `export class ${n} extends i_${use} { p = i_${use}; }`),
  fc.record({ n: name, use: name }).map(({ n, use }) => `export const ${n} = () => new i_${use}().p;`),
  fc.record({ n: name }).map(({ n }) => `export class ${n} { p = 1; m(): ${n} { return this; } }`),
  fc.record({ n: name, from: other }).map(({ n, from }) => `export const ${n} = import('./${from}');`),
  other.map((from) => `export * from './${from}';`),
  name.map((n) => `export interface ${n} { p: Everywhere; }`),
  name.map((n) => `declare global { interface Everywhere { ${n}: number } }`),
);
const text = fc.array(statement, { maxLength: 6 }).map((lines) => lines.join('\n'));
const ambient = fc.constantFrom('interface Everywhere { a: number }', 'declare const i_x: () => { p: number };', '');

/** A name means the only function that goes by it, in whatever file that is. */
const python = fc
  .array(
    fc.constantFrom(
      'def xylo(): pass',
      'def caller():\n    xylo()',
      'from .p1 import xylo',
      'class Xylo:\n    def xylo(self): pass',
    ),
    { maxLength: 3 },
  )
  .map((lines) => lines.join('\n'));

type Step = { path: string; text: string | null } | { from: string; to: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ path: fc.constantFrom(...PATHS.slice(0, 5)), text }) },
  { weight: 1, arbitrary: fc.record({ path: fc.constant('ambient.d.ts'), text: ambient }) },
  { weight: 2, arbitrary: fc.record({ path: fc.constantFrom('p0.py', 'p1.py'), text: python }) },
  { weight: 1, arbitrary: fc.record({ path: fc.constantFrom(...PATHS), text: fc.constant(null) }) },
  { weight: 1, arbitrary: fc.record({ from: fc.constantFrom(...PATHS), to: fc.constantFrom(...PATHS) }) },
);

it('reading only what says something else comes to what reading all of it comes to, after any edits', () => {
  return fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const root = writeSources({ 'tsconfig.json': JSON.stringify(CONFIGURATION) });
      const reader = new WorkspaceReader(root);
      try {
        const texts = new Map<string, string>();
        const known = new Map<string, IndexedFile>();
        const told = new Map<string, object>();
        for (const one of steps) {
          const edits = editsOf(one, texts);
          for (const [path, content] of edits) {
            writeSource(root, path, content);
            if (content === null) texts.delete(path);
            else texts.set(path, content);
          }
          // By what it has at hand, as long as that suffices.
          const edited = edits.map(([path]) => path);
          const { removed, facts } = (await reader.readEdits(edited, known)) ?? (await reader.read(null, known));
          for (const path of removed) {
            told.delete(path);
            known.delete(path);
          }
          for (const { facts: said, remembered } of facts()) {
            told.set(said.path, timeless(said));
            known.set(said.path, remembered);
          }
          const all = await readWorkspace(root, null, new Map());
          const full = [...all.facts()].map(({ facts: said }) => timeless(said));
          expect([...told.values()].sort(byPath)).toEqual(full.sort(byPath));
        }
      } finally {
        rmSync(root, { recursive: true });
      }
    }),
    // Each is two edits or more, and reads the sources after each.
    { numRuns: Math.ceil(randomCases().numRuns / 2) },
  );
});

function editsOf(one: Step, texts: ReadonlyMap<string, string>): [string, string | null][] {
  if ('path' in one) return [[one.path, one.text]];
  const moved = texts.get(one.from);
  return moved === undefined || one.from === one.to
    ? []
    : [
        [one.from, null],
        [one.to, moved],
      ];
}

function timeless({ path, entities, relationships }: FileFacts): { path: string } {
  const still = entities.map((entity) => ({ ...entity, lastModified: '', created: '' }));
  return { path, ...{ entities: still, relationships } };
}

function byPath(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

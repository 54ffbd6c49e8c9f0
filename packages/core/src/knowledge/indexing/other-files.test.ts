import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { randomCases } from '../../testing/index.ts';
import type { KnownSymbol } from '../imports/known-symbols.ts';
import { resolveMentions } from '../indexers/markdown/resolve-mentions.ts';
import { writeSource, writeSources } from '../indexers/typescript/testing/fixture.ts';
import { loadNoiseSettings } from '../noise/noise-settings.ts';
import { entitySchema } from '../vocabulary/entity.ts';
import type { ToldFile } from './index-protocol.ts';
import type { IndexedFile } from './indexed-file.ts';
import { readWorkspace } from './read-workspace.ts';

let root = '';
afterEach(() => {
  if (root !== '') rmSync(root, { recursive: true });
  root = '';
});

async function readAll(known: ReadonlyMap<string, IndexedFile> = new Map()) {
  const read = await readWorkspace(root, null, known);
  const files = [...read.facts()];
  return { ...read, files: new Map(files.map((file) => [file.facts.path, file])) };
}
const edges = ({ facts }: ToldFile) =>
  facts.relationships.map(({ type, fromEntityId, toEntityId }) => `${fromEntityId} ${type} ${toEntityId}`);
const json = (value: unknown) => JSON.stringify(value);

const lockOf = (packages: object) => json({ lockfileVersion: 3, packages });

describe('packages', () => {
  const locked = lockOf({
    '': { name: 'shop', workspaces: ['packages/*'] },
    'node_modules/@shop/core': { resolved: 'packages/core', link: true },
    'packages/core': { name: '@shop/core', version: '1.0.0', dependencies: { lodash: '^4' } },
    'node_modules/lodash': { version: '4.17.21', integrity: 'sha512-a', license: 'MIT' },
    'node_modules/old': { version: '1.0.0', dev: true, dependencies: { lodash: '^3', missing: '1' } },
    'node_modules/old/node_modules/lodash': { version: '3.10.1' },
    'node_modules/same': { name: 'other', version: '2.0.0' },
  });

  it('are those of the workspace, and those that the lock file settled, by the names that imports lead to', async () => {
    root = writeSources({
      'package.json': json({ name: 'shop', devDependencies: { old: '^1' }, dependencies: { '@shop/core': '*' } }),
      'packages/core/package.json': json({
        ...{ name: '@shop/core', version: '1.0.0', exports: { '.': { import: './index.js' } } },
        ...{ dependencies: { lodash: '^4' }, peerDependencies: { react: '*' } },
      }),
      'package-lock.json': locked,
    });
    const { files } = await readAll();
    const all = [...files.values()];
    const entities = new Map(all.flatMap(({ facts }) => facts.entities.map((one) => [one.id, one])));
    for (const one of entities.values()) expect(entitySchema.safeParse(one).error).toBeUndefined();
    expect(entities.get('external:lodash')).toMatchObject({
      type: 'module',
      version: '4.17.21',
      metadata: { license: 'MIT' },
    });
    expect(entities.get('external:lodash@3.10.1')).toMatchObject({ version: '3.10.1' });
    expect(entities.get('external:same')).toMatchObject({ name: 'other', version: '2.0.0' });
    expect(entities.get('module:packages/core')).toMatchObject({ name: '@shop/core', entryPoint: './index.js' });
    expect(all.flatMap(edges).sort()).toEqual([
      'external:old DEPENDS_ON external:lodash@3.10.1',
      'module:. DEPENDS_ON external:old',
      'module:. DEPENDS_ON module:packages/core',
      'module:packages/core DEPENDS_ON external:lodash',
      'module:packages/core DEPENDS_ON external:react',
    ]);
    const [kind] = files.get('packages/core/package.json')?.facts.relationships ?? [];
    expect(kind).toMatchObject({ metadata: { range: '*', dependencyKind: 'peer' } });
  });

  it('are those of pnpm, too', async () => {
    root = writeSources({
      'pnpm-lock.yaml': `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: { specifier: ^1.0.0, version: 1.2.0(b@2.0.0) }
      c: { specifier: npm:d@1, version: d@1.0.0(b@2.0.0) }
packages:
  a@1.2.0: { resolution: { integrity: sha512-x } }
  d@1.0.0: { resolution: { integrity: sha512-z } }
  '@s/b@2.0.0': { resolution: { integrity: sha512-y } }
snapshots:
  a@1.2.0(b@2.0.0): { dependencies: { '@s/b': 2.0.0 } }
  '@s/b@2.0.0': {}
`,
    });
    const [file] = (await readAll()).files.values();
    expect(file?.facts.entities).toMatchObject([
      { id: 'external:a', version: '1.2.0' },
      { id: 'external:c', name: 'd', version: '1.0.0' },
      { id: 'external:@s/b@2.0.0' },
    ]);
    expect(file && edges(file)).toEqual(['external:a DEPENDS_ON external:@s/b@2.0.0']);
  });

  it.each([
    [
      'yarn.lock',
      '# yarn lockfile v1\n\n\na@^1:\n  version "1.2.0"\n  dependencies:\n    b "^2"\n\nb@^2:\n  version "2.0.0"\n',
    ],
    [
      'bun.lock',
      `{ "lockfileVersion": 1, "workspaces": { "": { "name": "shop", "dependencies": { "a": "^1" } } }, "packages": {
        "a": ["a@1.2.0", "", { "dependencies": { "b": "^2" } }, "sha512-a"], "b": ["b@2.0.0", "", {}, "sha512-b"] } }`,
    ],
  ])('are those of %s, too, and none of them once it is gone', async (path, text) => {
    root = writeSources({ 'package.json': json({ name: 'shop', dependencies: { a: '^1' } }), [path]: text });
    const { files } = await readAll();
    const file = files.get(path);
    expect(file?.facts.entities).toContainEqual(expect.objectContaining({ id: 'external:a', version: '1.2.0' }));
    expect(file && edges(file)).toEqual(['external:a DEPENDS_ON external:b']);
    const known = new Map([...files].map(([name, { remembered }]) => [name, remembered]));
    writeSource(root, path, null);
    expect((await readAll(known)).removed).toEqual([path]);
  });

  it.each([
    ['package.json', '{', /no JSON/],
    ['package.json', '{"dependencies":[]}', /dependencies/],
    ['package.json', `{"exports":${'['.repeat(200)}${']'.repeat(200)}}`, /too deep/],
    ['package.json', json({ dependencies: { ['x'.repeat(400)]: '1' } }), /dependencies/],
    ['package-lock.json', '{"lockfileVersion":1}', /2 or 3/],
    ['package-lock.json', lockOf({ 'node_modules/a/node_modules/x': { version: 'ä'.repeat(1_000) } }), /2000 bytes/],
    ['package-lock.json', `${'['.repeat(200)}`, /too deep/],
    ['package-lock.json', '[]', /lock file/],
    ['pnpm-lock.yaml', 'a: *b', /no YAML/],
    ['pnpm-lock.yaml', 'lockfileVersion: 5', /9/],
  ])('that nobody can read are told of: %s as %s', async (path, text, problem) => {
    root = writeSources({ [path]: text });
    const [file] = (await readAll()).files.values();
    expect(file?.facts).toMatchObject({ entities: [], relationships: [], problems: [expect.stringMatching(problem)] });
  });
});

// With a step for each pair of them it would not end within the limit of tests, by far.
it('a lock file of pnpm with very many keys is read', async () => {
  const count = 60_000;
  const lines = Array.from({ length: count }, (_, n) => `  a@1.0.0(b@${n}.0.0): {}`);
  const text = `lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {}\nsnapshots:\n${lines.join('\n')}\n`;
  root = writeSources({ 'pnpm-lock.yaml': text });
  const { files } = await readAll();
  expect(files.get('pnpm-lock.yaml')?.facts).toMatchObject({ problems: [], entities: [{ name: 'a' }] });
});

describe('documents', () => {
  const GUIDE = `# The tax\r
\r
What [the code](../src/tax.ts#L1) does, by \`rate\` and \`rate()\`.\r
\r
## Rates\r
\r
See [prices](prices.md#net), [nothing](gone.ts), [the web](https://example.com/a.ts), [outside](../../../etc/passwd) and [a ref][r].\r
\`calculateEverything\` and \`src/tax.ts\`.\r
\r
[r]: /src/tax.ts\r
`;

  it('have sections, and lead to files, documents and what they name', async () => {
    root = writeSources({
      'docs/guide.md': `\uFEFF${GUIDE}`,
      'docs/prices.md': 'no heading',
      'src/tax.ts': 'export const rate = 1;',
    });
    const file = (await readAll()).files.get('docs/guide.md');
    for (const one of file?.facts.entities ?? []) expect(entitySchema.safeParse(one).error).toBeUndefined();
    expect(file?.facts.entities.map(({ id, title }) => [id, title])).toEqual([
      ['doc:docs/guide.md', 'The tax'],
      ['doc:docs/guide.md#the-tax', 'The tax'],
      ['doc:docs/guide.md#rates', 'Rates'],
    ]);
    expect(file && [...new Set(edges(file))].sort()).toEqual([
      'doc:docs/guide.md DOCUMENTS_SECTION doc:docs/guide.md#rates',
      'doc:docs/guide.md DOCUMENTS_SECTION doc:docs/guide.md#the-tax',
      'doc:docs/guide.md REFERENCES doc:docs/prices.md',
      'file:src/tax.ts DOCUMENTED_BY doc:docs/guide.md',
    ]);
    expect(file?.facts.problems).toEqual(['7: links to docs/gone.ts, which is not there']);
    expect(file?.facts.mentions).toMatchObject([
      { name: 'rate', sectionAnchor: 'the-tax' },
      { name: 'rate', sectionAnchor: 'the-tax' },
      { name: 'calculateEverything', sectionAnchor: 'rates' },
    ]);
  });

  it('tell of a symbol that they name often enough, or by a telling name (KG-152)', () => {
    const symbol = (name: string, path = 'a.ts'): KnownSymbol => ({
      id: `${path}#${name}`,
      path,
      name,
      kind: 'function',
      line: 1,
      endLine: 1,
    });
    const named = (names: string[], symbols: KnownSymbol[]) =>
      resolveMentions(
        { path: 'a.md', entities: [], relationships: [], problems: [], mentions: names.map((name) => ({ name })) },
        symbols,
        loadNoiseSettings({}),
      ).map(({ fromEntityId, toEntityId, confidence }) => [fromEntityId, toEntityId, confidence]);
    expect(named(['rate'], [symbol('rate')])).toEqual([]);
    expect(named(['rate', 'rate'], [symbol('rate')])).toEqual([['a.ts#rate', 'doc:a.md', expect.closeTo(0.6)]]);
    expect(named(['calculateEverything'], [symbol('Tax.calculateEverything')])).toEqual([
      ['a.ts#Tax.calculateEverything', 'doc:a.md', 0.8],
    ]);
    expect(named(['rate', 'rate'], [symbol('rate'), symbol('rate', 'b.ts')]).map(([, , sure]) => sure)).toEqual([
      expect.closeTo(0.3),
      expect.closeTo(0.3),
    ]);
    expect(
      named(
        ['rate', 'rate'],
        ['a', 'b', 'c', 'd'].map((path) => symbol('rate', path)),
      ),
    ).toEqual([]);
    expect(named(['id', 'id', 'id'], [symbol('id')])).toEqual([]);
  });

  it('that are hostile are read within bounds', async () => {
    root = writeSources({
      'deep.md': `${'>'.repeat(30)} a\n\n${'1. '.repeat(30)}\`deepName\`\n`,
      'deeper.md': `a\n\n${'> - 1. '.repeat(20_000)}\`deepName\`\n`,
      'indented.md': `${' '.repeat(5_000)}- a\n`,
      'nul.md': '# a\0b\n\n`c\0`\n',
      'long.md': `# long\n\n${'x '.repeat(300_000)}`,
      'unclosed.md': `${'['.repeat(2_000)}${'`'.repeat(2_000)}`,
      'cut.md': `# ${'x'.repeat(299)}\u{1F600}\n\n${'[a](long.md)'.repeat(10)}`,
      'many.md': `\`aa\` `.repeat(11_000),
    });
    symlinkSync('.', join(root, 'loop'));
    const { files } = await readAll();
    expect([...files.keys()].sort()).toEqual([
      'cut.md',
      'deep.md',
      'deeper.md',
      'indented.md',
      'long.md',
      'many.md',
      'nul.md',
      'unclosed.md',
    ]);
    expect(files.get('long.md')?.facts.problems).toEqual([expect.stringContaining('200000')]);
    expect(files.get('deep.md')?.facts.mentions).toMatchObject([{ name: 'deepName' }]);
    expect(files.get('deeper.md')?.facts.problems).toEqual([expect.stringContaining('too deep')]);
    expect(files.get('indented.md')?.facts.problems).toEqual([expect.stringContaining('too deep')]);
    for (const { facts } of files.values())
      for (const one of facts.entities) expect(entitySchema.safeParse(one).error).toBeUndefined();
    expect(json(files.get('nul.md')?.facts)).not.toContain('\\u0000');
    expect(files.get('cut.md')?.facts).toMatchObject({ problems: [], entities: [{ title: 'x'.repeat(299) }, {}] });
    expect(files.get('cut.md')?.facts.relationships).toHaveLength(2);
    expect(files.get('many.md')?.facts.mentions).toHaveLength(10_000);
    expect(files.get('many.md')?.facts.problems).toEqual([expect.stringContaining('10000')]);
  });

  it('whatever stands in them comes to entities that the graph takes', async () => {
    const part = fc.constantFrom(
      '# ',
      '`a`',
      '[a](b.md)',
      '[x]: ',
      '\n\n',
      '- ',
      '> ',
      '```\n',
      '![i](../..)',
      '<b>',
      '\\',
      '\uD800',
      '\0',
      '|',
    );
    root = writeSources({});
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(part, fc.string({ maxLength: 5 })), { maxLength: 30 }), async (parts) => {
        writeSource(root, 'a.md', parts.join(''));
        for (const { facts } of (await readWorkspace(root, null, new Map())).facts()) {
          for (const one of facts.entities) if (!entitySchema.safeParse(one).success) throw new Error(json(one));
          for (const id of facts.entities.map((one) => one.id)) if (!id.startsWith('doc:a.md')) throw new Error(id);
        }
      }),
      { numRuns: Math.ceil(randomCases().numRuns / 4) },
    );
  });
});

it('only what says something else is read again: files by themselves, packages together, documents when code or names of files change', async () => {
  root = writeSources({
    'a.md': '`rate` `rate`',
    'b.md': '[a](a.md)',
    'package.json': '{"name":"a"}',
    'sub/package.json': '{"name":"b"}',
    'tsconfig.json': '{ "compilerOptions": { "noLib": true, "types": [] } }',
    'tax.ts': 'export const rate = 1;\n',
  });
  const known = new Map<string, IndexedFile>();
  const step = async (): Promise<string[]> => {
    const { files, removed } = await readAll(known);
    for (const path of removed) known.delete(path);
    for (const { remembered } of files.values()) known.set(remembered.path, remembered);
    return [...files.keys(), ...removed.map((path) => `-${path}`)].sort();
  };
  expect(await step()).toEqual(['a.md', 'b.md', 'package.json', 'sub/package.json', 'tax.ts']);
  expect(await step()).toEqual([]);
  writeSource(root, 'a.md', '`rate`');
  expect(await step()).toEqual(['a.md']);
  writeSource(root, 'tax.ts', 'export const rates = 1;\n');
  expect(await step()).toEqual(['a.md', 'b.md', 'tax.ts']);
  writeSource(root, 'picture.png', 'x');
  expect(await step()).toEqual(['a.md', 'b.md']);
  writeSource(root, 'sub/package.json', null);
  expect(await step()).toEqual(['-sub/package.json', 'a.md', 'b.md', 'package.json', 'tax.ts']);
});

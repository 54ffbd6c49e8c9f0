import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestSchema, readBatch } from '../../ingest/batch.ts';
import type { FileFacts } from '../file-facts.ts';
import { indexSources, openSources } from './index-sources.ts';
import { compareWithLanguageService } from './testing/compare-with-language-service.ts';
import { stateOf, statesOf, writeSources } from './testing/fixture.ts';

const REPOSITORY = fileURLToPath(new URL('../../../../../../', import.meta.url));

describe('the indexer of TypeScript', () => {
  const files = {
    'tsconfig.json': JSON.stringify({
      compilerOptions: { strict: true, target: 'es2022', lib: ['es2022'], module: 'nodenext' },
    }),
    'package.json': JSON.stringify({ name: 'shop', type: 'module', version: '1.0.0' }),
    'src/tax.ts': `/** How much tax there is. */
export function rate(amount: number, country = 'DE'): number {
  if (amount < 0) throw new BadAmount(amount);
  return country === 'DE' && amount > 10 ? 0.19 : 0;
}
export class BadAmount extends Error {
  constructor(readonly amount: number) { super('bad'); }
}
/** @deprecated */
export const LIMIT = 10;
`,
    'src/bill.ts': `import { rate as taxRate, type BadAmount, LIMIT } from './tax.ts';
import { nothing } from './nowhere.ts';
import fs from 'node:fs';
export * from './tax.ts';
export interface Priced { price(): number }
export abstract class Item implements Priced {
  protected count = 0;
  abstract price(): number;
  static of(): Item { return new Book(); }
}
export class Book extends Item {
  price(): number { this.count += 1; return taxRate(LIMIT) * this.count; }
}
export type Problem = BadAmount | string;
export const total = async (items: Priced[]): Promise<number> => {
  const prices = items.map((item) => item.price());
  return prices.length + nothing;
};
export default function main({ count }: { count: number }) { return total([Item.of()]).then((sum) => sum + count); }
`,
    'src/old.js': `const { total } = require('./bill.ts');
exports.run = function run() { return total([]); };
`,
    'src/bill.test.ts': `import { describe, it } from 'node:test';
import { rate } from './tax.ts';
describe('bills', () => { it('has tax', () => { rate(5); }); });
`,
    'src/broken.ts': 'export function half( { return 1 +; }\nexport const whole = 1;\n',
    'src/large.min.js': `var a=${'1+'.repeat(20_000)}1;`,
    'src/bytes.ts': 'G\0\0\0',
    'src/deep.ts': `export const deep = ${'(\n'.repeat(50_000)}1${')\n'.repeat(50_000)};`,
  };
  let root: string;
  let facts: Map<string, FileFacts>;
  beforeAll(() => {
    root = writeSources(files);
    facts = new Map([...indexSources(openSources(root, statesOf(root)))].map((one) => [one.path, one]));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** Without the hashes at the ends of ids. */
  const short = (id: unknown) => String(id).replace(/@[0-9a-f]{8}$/, '');
  const edges = (path: string, ...types: string[]) =>
    (facts.get(path)?.relationships ?? [])
      .filter(({ type }) => types.includes(String(type)))
      .map(({ type, fromEntityId, toEntityId }) => `${short(fromEntityId)} ${type} ${short(toEntityId)}`);
  const edge = (path: string, type: string, to: string) =>
    facts.get(path)?.relationships.find((one) => one.type === type && short(one.toEntityId) === to);
  const entity = (path: string, name: string) => facts.get(path)?.entities.find((one) => one.name === name);

  it('tells what calls what, who inherits, overrides and implements, and what is thrown', () => {
    const [bill, tax] = ['sym:src/bill.ts', 'sym:src/tax.ts'];
    expect(edges('src/bill.ts', 'CALLS')).toEqual([
      `${bill}#Item.of CALLS ${bill}#Book`,
      `${bill}#Book.price CALLS ${tax}#rate`,
      `${bill}#total CALLS ${bill}#Priced.price`,
      `${bill}#main CALLS ${bill}#total`,
      `${bill}#main CALLS ${bill}#Item.of`,
    ]);
    expect(edges('src/bill.ts', 'EXTENDS', 'IMPLEMENTS', 'OVERRIDES')).toEqual([
      `${bill}#Item IMPLEMENTS ${bill}#Priced`,
      `${bill}#Item.price IMPLEMENTS ${bill}#Priced.price`,
      `${bill}#Book EXTENDS ${bill}#Item`,
      `${bill}#Book.price OVERRIDES ${bill}#Item.price`,
    ]);
    expect(edges('src/tax.ts', 'CALLS')).toEqual([`${tax}#rate CALLS ${tax}#BadAmount`]);
    expect(edge('src/bill.ts', 'CALLS', `${tax}#rate`)).toMatchObject({
      callee: 'taxRate',
      arity: 1,
      awaited: false,
      scope: 'imported',
      location: { path: 'src/bill.ts', line: 12 },
    });
    expect(edges('src/tax.ts', 'THROWS')).toEqual([`${tax}#rate THROWS ${tax}#BadAmount`]);
  });

  it('tells reads, writes and types by where they stand', () => {
    const bill = 'sym:src/bill.ts';
    expect(edges('src/bill.ts', 'READS')).toEqual([
      `${bill}#Book.price READS ${bill}#Item.count`,
      `${bill}#Book.price READS sym:src/tax.ts#LIMIT`,
    ]);
    expect(edge('src/bill.ts', 'WRITES', `${bill}#Item.count`)).toMatchObject({ operator: '+=' });
    expect(edges('src/bill.ts', 'RETURNS_TYPE', 'PARAM_TYPE', 'TYPE_USES')).toEqual([
      `${bill}#Item.of RETURNS_TYPE ${bill}#Item`,
      `${bill}#Problem TYPE_USES sym:src/tax.ts#BadAmount`,
      `${bill}#total PARAM_TYPE ${bill}#Priced`,
    ]);
  });

  it('tells imports and exports, of others and of nothing', () => {
    expect(edges('src/bill.ts', 'IMPORTS')).toEqual([
      'file:src/bill.ts IMPORTS file:src/tax.ts',
      'file:src/bill.ts IMPORTS sym:src/tax.ts#rate',
      'file:src/bill.ts IMPORTS sym:src/tax.ts#BadAmount',
      'file:src/bill.ts IMPORTS sym:src/tax.ts#LIMIT',
      'file:src/bill.ts IMPORTS import:./nowhere.ts:*',
      'file:src/bill.ts IMPORTS import:./nowhere.ts:nothing',
      'file:src/bill.ts IMPORTS external:node:fs',
      'file:src/bill.ts IMPORTS import:node:fs:fs',
    ]);
    expect(edge('src/bill.ts', 'IMPORTS', 'sym:src/tax.ts#rate')).toMatchObject({
      importAlias: 'taxRate',
      importType: 'named',
      resolutionState: 'resolved',
    });
    expect(edge('src/bill.ts', 'EXPORTS', 'sym:src/tax.ts#rate')).toMatchObject({ isReExport: true });
    expect(edges('src/old.js', 'CALLS')).toEqual(['sym:src/old.js#run CALLS sym:src/bill.ts#total']);
  });

  it('describes what there is', () => {
    expect(entity('src/tax.ts', 'rate')).toMatchObject({
      kind: 'function',
      docstring: 'How much tax there is.',
      signature: "export function rate(amount: number, country = 'DE'): number",
      parameters: [
        { name: 'amount', type: 'number', optional: false },
        { name: 'country', defaultValue: "'DE'", optional: true },
      ],
      returnType: 'number',
      complexity: 4,
      isExported: true,
      location: { line: 2, column: 1 },
    });
    expect(entity('src/tax.ts', 'LIMIT')).toMatchObject({ kind: 'variable', isDeprecated: true });
    expect(entity('src/bill.ts', 'total')).toMatchObject({ kind: 'function', isAsync: true });
    expect(entity('src/bill.ts', 'Item')).toMatchObject({ kind: 'class', isAbstract: true, implements: ['Priced'] });
    expect(entity('src/bill.ts', 'Item.count')).toMatchObject({ kind: 'property', visibility: 'protected' });
    expect(entity('src/tax.ts', 'BadAmount.amount')).toMatchObject({ kind: 'property' });
  });

  it('knows tests, and what they test', () => {
    const found = facts.get('src/bill.test.ts');
    const [test] = found?.entities.filter(({ type }) => type === 'test') ?? [];
    expect(test).toMatchObject({ framework: 'node:test', testType: 'unit', metadata: { name: 'bills > has tax' } });
    expect(edges('src/bill.test.ts', 'TESTS')).toEqual([`${test?.id} TESTS sym:src/tax.ts#rate`]);
  });

  it('reads what it can of broken sources, and says of others why it does not', () => {
    expect(facts.get('src/broken.ts')?.problems[0]).toMatch(/^1:\d+: /);
    expect(entity('src/broken.ts', 'whole')).toBeDefined();
    expect(facts.get('src/large.min.js')).toMatchObject({ problems: ['is minified'], relationships: [] });
    expect(facts.get('src/deep.ts')).toMatchObject({ problems: ['is nested too deeply'], relationships: [] });
    expect(facts.get('src/bytes.ts')).toMatchObject({ problems: ['is no text'], relationships: [] });
  });

  it('says nothing that the graph does not take', () => {
    const units = [...facts.values()].map(({ path, entities, relationships }) => ({
      unit: path,
      entities,
      relationships,
    }));
    const { problems, entities } = readBatch(ingestSchema.parse({ units }));
    expect(problems).toEqual([]);
    expect(entities.size).toBeGreaterThan(20);
  });
});

it('finds of this repository what the language service finds: definitions and references of exported symbols', () => {
  const parts = ['edges', 'identity', 'vocabulary'].map((name) => `packages/core/src/knowledge/${name}`);
  const root = REPOSITORY.replace(/\/$/, '');
  const configuration = ['tsconfig.base.json', 'packages/core/tsconfig.json', 'packages/core/package.json'];
  const states = [...configuration.map((path) => stateOf(root, path)), ...statesOf(root, parts)];
  const { symbols, sameDefinitions, both, missed, invented } = compareWithLanguageService(root, states, () => true);
  expect(symbols).toBeGreaterThan(100);
  expect(sameDefinitions / symbols).toBeGreaterThanOrEqual(0.98);
  expect(both).toBeGreaterThan(400);
  expect(both / (both + missed.length), missed.join('\n')).toBeGreaterThanOrEqual(0.98);
  expect(both / (both + invented.length), invented.join('\n')).toBeGreaterThanOrEqual(0.98);
});

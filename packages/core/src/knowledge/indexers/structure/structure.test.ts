import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entitySchema } from '../../vocabulary/entity.ts';
import type { FileFacts } from '../file-facts.ts';
import { statesOf, writeSources } from '../typescript/testing/fixture.ts';
import { StructureReader } from './read-structure.ts';

const FILES: Record<string, string> = {
  'app/tax.py': `from .rates import lookup_rate
import os
class Tax(Base):
    def rate(self, kind: str, x=1) -> float:
        if kind:
            return lookup_rate(kind)
        return self.other()
    async def other(self):
        pass
def _hidden(): return len([])
`,
  'app/rates.py': 'def lookup_rate(kind):\n    return 1\ndef twice(): pass\n',
  'app/more.py': 'def twice(): pass\nclass A:\n    def go_on(self): twice()\n',
  'app/user.py': 'twice()\n',
  'broken.py': 'def fine(): pass\ndef broken(:\n',
  'main.go':
    'package main\nimport "fmt"\ntype Server struct{ x int }\nfunc (s *Server) Start(port int) error { return helper(port) }\nfunc helper(p int) error { for { fmt.Println(p) } }\n',
  'lib.rs':
    'mod util;\nuse crate::util::add_all;\npub struct Foo { a: i32 }\nimpl Foo { pub fn bar(&self) -> i32 { add_all(1) } }\n',
  'util.rs': 'pub fn add_all(x: i32) -> i32 { x }\n',
  'com/acme/Bill.java':
    'import com.acme.Rate;\npublic class Bill extends Doc { public int total(int x) { return new Rate().lookup(x); } private void hide() {} }\n',
  'com/acme/Rate.java': 'public class Rate { int lookup(int x) { return x; } }\n',
  'a.cpp':
    '#include "a.h"\nnamespace ns { class Widget : public Thing { int size() { return compute(1); } }; }\nint ns::Widget::far(int a) { return 1; }\nstatic int compute(int a) { return a; }\n',
  'a.h': 'int declared(int);\n',
  'plain.c': '#include <stdio.h>\nint *pointed(int a) { return helper_of(a); }\nint helper_of(int a) { return a; }\n',
  'cart.rb': "require_relative 'items'\nmodule Shop\n  class Cart < Base\n    def total; count_all; end\n  end\nend\n",
  'items.rb': 'def count_all; end\n',
  'bill.php':
    '<?php\nclass Bill extends Base { private function total($x) { return compute_it($x); } }\nfunction compute_it($a) { return $a; }\n',
  'Bill.cs':
    'using System;\nnamespace Acme { public class Bill : Base { public int Total(int x) { return Compute(x); } int Compute(int y) { return y; } } }\n',
  'all.sh': 'source ./parts.sh\nbuild_all() { compile_it; }\n',
  'parts.sh': 'compile_it() { :; }\n',
  'min.py': `x = [${'1,'.repeat(20_000)}]\n`,
};

let root: string;
let facts: Map<string, FileFacts>;
beforeAll(async () => {
  root = writeSources(FILES);
  facts = new Map((await new StructureReader(root).read(statesOf(root))).map((one) => [one.path, one]));
});
afterAll(() => rmSync(root, { recursive: true }));

const of = (path: string) =>
  facts.get(path) ?? { path, entities: [], relationships: [], problems: ['nothing is said'] };
/** `kind name` of each symbol. */
const symbols = (path: string) =>
  of(path)
    .entities.slice(1)
    .map(({ kind, name }) => `${kind} ${name}`);
/** Where edges of a type lead, by the names of their ends. */
const edges = (path: string, type: string) => {
  const bare = (id: unknown) => String(id).replace(/^sym:|@[0-9a-f]{8}$/g, '');
  const own = of(path).relationships.filter((edge) => edge.type === type);
  return own.map(({ fromEntityId, toEntityId }) => `${bare(fromEntityId)} ${bare(toEntityId)}`);
};

it('tells what files of many languages declare, and what that stands in', () => {
  expect(symbols('app/tax.py')).toEqual(['class Tax', 'method Tax.rate', 'method Tax.other', 'function _hidden']);
  expect(symbols('main.go')).toEqual(['class Server', 'method Start', 'function helper']);
  expect(symbols('lib.rs')).toEqual(['class Foo', 'function Foo.bar']);
  expect(symbols('com/acme/Bill.java')).toEqual(['class Bill', 'method Bill.total', 'method Bill.hide']);
  expect(symbols('a.cpp')).toEqual([
    'class ns.Widget',
    'method ns.Widget.size',
    'function ns.Widget.far',
    'function compute',
  ]);
  expect(symbols('plain.c')).toEqual(['function pointed', 'function helper_of']);
  expect(symbols('cart.rb')).toEqual(['class Shop.Cart', 'method Shop.Cart.total']);
  expect(symbols('bill.php')).toEqual(['class Bill', 'method Bill.total', 'function compute_it']);
  expect(symbols('Bill.cs')).toEqual(['class Acme.Bill', 'method Acme.Bill.Total', 'method Acme.Bill.Compute']);
  expect(symbols('all.sh')).toEqual(['function build_all']);
  expect(edges('app/tax.py', 'DEFINES')).toEqual([
    'file:app/tax.py app/tax.py#Tax',
    'file:app/tax.py app/tax.py#_hidden',
  ]);
  expect(edges('app/tax.py', 'CONTAINS')).toEqual([
    'app/tax.py#Tax app/tax.py#Tax.rate',
    'app/tax.py#Tax app/tax.py#Tax.other',
  ]);
});

it('what it says is what the graph takes, with how things are declared', () => {
  for (const { entities } of facts.values())
    for (const entity of entities) expect(entitySchema.parse(entity)).toMatchObject({ id: entity.id });
  const symbol = (path: string, name: string) => of(path).entities.find((one) => one.name === name);
  expect(symbol('main.go', 'helper')).toMatchObject({
    ...{
      signature: 'func helper(p int) error',
      parameters: [{ name: 'p', type: 'int' }],
      returnType: 'error',
      complexity: 2,
    },
    ...{ isExported: false, location: { line: 5, endLine: 5, column: 6 }, language: 'go' },
  });
  expect(symbol('app/tax.py', 'Tax')).toMatchObject({
    location: { line: 3, endLine: 9 },
    extends: ['Base'],
    methods: ['rate', 'other'],
    isExported: true,
  });
  expect(symbol('app/tax.py', '_hidden')).toMatchObject({ isExported: false });
  expect(symbol('com/acme/Bill.java', 'Bill.hide')).toMatchObject({ visibility: 'private', isExported: false });
  expect(symbol('lib.rs', 'Foo.bar')).toMatchObject({ isExported: true, signature: 'pub fn bar(&self) -> i32' });
});

it('imports lead to files of the workspace where one can be told, else outside', () => {
  expect(edges('app/tax.py', 'IMPORTS')).toEqual(['file:app/tax.py file:app/rates.py', 'file:app/tax.py external:os']);
  expect(edges('lib.rs', 'IMPORTS')).toEqual(['file:lib.rs file:util.rs']);
  expect(edges('com/acme/Bill.java', 'IMPORTS')).toEqual(['file:com/acme/Bill.java file:com/acme/Rate.java']);
  expect(edges('a.cpp', 'IMPORTS')).toEqual(['file:a.cpp file:a.h']);
  expect(edges('plain.c', 'IMPORTS')).toEqual(['file:plain.c external:stdio.h']);
  expect(edges('cart.rb', 'IMPORTS')).toEqual(['file:cart.rb file:items.rb']);
  expect(edges('all.sh', 'IMPORTS')).toEqual(['file:all.sh file:parts.sh']);
});

it('a name that is called refers, with little confidence, to the only thing that goes by it', () => {
  expect(edges('app/tax.py', 'REFERENCES')).toEqual([
    'app/tax.py#Tax.rate app/rates.py#lookup_rate',
    'app/tax.py#Tax.rate app/tax.py#Tax.other',
  ]);
  const [elsewhere, here] = of('app/tax.py').relationships.filter(({ type }) => type === 'REFERENCES');
  expect([elsewhere, here]).toMatchObject([
    { confidence: 0.4, source: 'heuristic', inferred: true, resolved: false, kind: 'call', callee: 'lookup_rate' },
    { confidence: 0.6, scope: 'local' },
  ]);
  // Two files declare it: only one of them knows which it means.
  expect(edges('app/user.py', 'REFERENCES')).toEqual([]);
  expect(edges('app/more.py', 'REFERENCES')).toEqual(['app/more.py#A.go_on app/more.py#twice']);
  expect(edges('com/acme/Bill.java', 'REFERENCES')).toEqual([
    'com/acme/Bill.java#Bill.total com/acme/Rate.java#Rate',
    'com/acme/Bill.java#Bill.total com/acme/Rate.java#Rate.lookup',
  ]);
  expect(edges('all.sh', 'REFERENCES')).toEqual(['all.sh#build_all parts.sh#compile_it']);
});

it('says where it made no sense of a file, and does not look into what a program wrote', () => {
  expect(symbols('broken.py')).toContain('function fine');
  expect(of('broken.py').problems).toMatchObject([expect.stringMatching(/^2:\d+: /)]);
  expect(of('min.py')).toMatchObject({
    problems: ['is minified'],
    relationships: [],
    entities: [{ language: 'python' }],
  });
});

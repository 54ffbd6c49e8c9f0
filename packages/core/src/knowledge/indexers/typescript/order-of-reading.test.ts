import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { indexSources, openSources } from './index-sources.ts';
import { statesOf, writeSources } from './testing/fixture.ts';

const CONFIGURATION = { compilerOptions: { noLib: true, types: [], strict: true, module: 'preserve' } };

it('what is said of a file does not hang on which one was read before it', () => {
  const root = writeSources({
    'tsconfig.json': JSON.stringify(CONFIGURATION),
    'kinds.ts': "export interface Ok { kind: 'ok'; size: 1 }\nexport interface Bad { kind: 'bad'; size: 2 }\n",
    'first.ts':
      "import type { Bad, Ok } from './kinds';\nexport const bad = (one: Bad, two: Ok) => [one.kind, two.kind];\n",
    'last.ts': `import type { Bad, Ok } from './kinds';
export const either = (ok: Ok, bad: Bad, which: boolean) => (which ? ok : which === false ? bad : undefined);
export const size = (found: Ok | Bad) => found.size;
export const made = (ok: Ok, bad: Bad) => ({ of: either(ok, bad, true), sizes: () => size(ok) });
`,
  });
  try {
    const read = (paths: string[]) => {
      const opened = openSources(root, statesOf(root));
      return new Map(paths.map((path) => [path, [...indexSources(opened, (one) => one === path)][0]]));
    };
    const [forwards, backwards] = [read(['first.ts', 'last.ts']), read(['last.ts', 'first.ts'])];
    expect(forwards.get('last.ts')).toEqual(backwards.get('last.ts'));
    expect(forwards.get('first.ts')).toEqual(backwards.get('first.ts'));
    const typeOf = (name: string) => forwards.get('last.ts')?.entities.find((one) => one.name === name)?.returnType;
    expect(typeOf('either')).toBe('Bad | Ok | undefined');
    expect(typeOf('made')).toBe('{ of: Bad | Ok | undefined; sizes: () => 1 | 2; }');
  } finally {
    rmSync(root, { recursive: true });
  }
});

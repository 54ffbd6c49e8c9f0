import { expect, test } from 'vitest';
import { packEntities } from './pack-layout.ts';

const entity = (path: string | null, name: string) => ({ id: `${path}#${name}`, name, path });

test('what is in a directory or file stands within its circle, and directories in a row are one', () => {
  const { groups, entities } = packEntities([
    entity('src/deep/a.ts', 'one'),
    entity('src/deep/a.ts', 'two'),
    entity('src/deep/b.ts', 'three'),
    entity('lib/only/c.ts', 'four'),
    entity(null, 'react'),
  ]);
  expect(groups.map(({ key, name, count }) => [key, name, count]).sort()).toEqual([
    ['(elsewhere)', '(elsewhere)', 1],
    ['', 'All', 5],
    ['lib/only/c.ts', 'lib/only/c.ts', 1],
    ['src/deep', 'src/deep', 3],
    ['src/deep/a.ts', 'a.ts', 2],
    ['src/deep/b.ts', 'b.ts', 1],
  ]);
  for (const { entity: one, x, y, r } of entities) {
    const group = groups.find(({ key }) => key === (one.path ?? '(elsewhere)'));
    expect(Math.hypot(x - (group?.x ?? 0), y - (group?.y ?? 0)) + r).toBeLessThanOrEqual((group?.r ?? 0) + 1e-9);
  }
});

test('two thousand things do not lie over each other, and stand at the same places however they come', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => entity(`p${n % 7}/d${n % 31}/f${n % 101}.ts`, `s${n}`));
  const { entities } = packEntities(many);
  expect(entities).toHaveLength(2_000);
  const places = (all: typeof entities) => new Map(all.map(({ entity: { id }, x, y }) => [id, `${x} ${y}`]));
  expect(places(packEntities([...many].reverse()).entities)).toEqual(places(entities));
  const byX = [...entities].sort((a, b) => a.x - b.x);
  const overlaps = byX.filter((one, at) =>
    byX
      .slice(at + 1, at + 40)
      .some((other) => Math.hypot(one.x - other.x, one.y - other.y) < (one.r + other.r) * 0.999),
  );
  expect(overlaps).toEqual([]);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import type { SessionTree } from './session-tree.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('families of sessions', (backend) => {
  let f: SessionFixture;
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  afterAll(() => f.db.close());

  const children = async (id: string) => (await f.sessions.get(f.projectId, id, { include: ['children'] }))?.childIds;
  const move = (id: string, parentId: string | null) => f.sessions.update(f.projectId, id, { parentId }, 'a');
  const depths = (tree: SessionTree | null): [string, number][] =>
    tree ? [[tree.id, tree.depth], ...tree.children.flatMap(depths)] : [];

  it('A12: children follow their parent, circles and unknown parents are refused, metadata stays', async () => {
    const metadata = { mine: true };
    const p = await f.make({ metadata });
    const q = await f.make({ metadata });
    const c = await f.make({ parentId: p.id });
    expect(await children(p.id)).toEqual([c.id]);
    await move(c.id, q.id);
    expect([await children(p.id), await children(q.id)]).toEqual([[], [c.id]]);
    await f.sessions.delete(f.projectId, c.id, 'a');
    expect(await children(q.id)).toEqual([]);
    const count = await f.sessions.count(f.projectId, { includeDeleted: true });
    expect(await codeOf(f.make({ parentId: '00000000-0000-4000-8000-000000000000' }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(f.make({ parentId: c.id }))).toBe('SESSION_NOT_FOUND');
    expect(await f.sessions.count(f.projectId, { includeDeleted: true })).toBe(count);
    const child = await f.make({ parentId: p.id });
    const grandchild = await f.make({ parentId: child.id });
    expect(await codeOf(move(p.id, grandchild.id))).toBe('SESSION_PARENT_CYCLE');
    expect(await codeOf(move(p.id, p.id))).toBe('SESSION_PARENT_CYCLE');
    for (const id of [p.id, q.id]) {
      expect(await f.sessions.get(f.projectId, id)).toMatchObject({ metadata, version: 1, parentId: null });
    }
  });

  it('A13: a tree begins at the session asked for, ends at its depth, and leaves deleted branches out', async () => {
    const chain: string[] = [];
    for (let n = 0; n < 7; n += 1) chain.push((await f.make({ parentId: chain.at(-1) ?? null })).id);
    const at = (n: number) => chain[n - 1] ?? '';
    const tree = await f.sessions.tree(f.projectId, at(2), 5);
    expect(depths(tree)).toEqual([2, 3, 4, 5, 6].map((n, index) => [at(n), index + 1]));
    await f.sessions.delete(f.projectId, at(4), 'a');
    expect(depths(await f.sessions.tree(f.projectId, at(2), 5))).toEqual([
      [at(2), 1],
      [at(3), 2],
    ]);
    expect(await f.sessions.tree(f.projectId, '00000000-0000-4000-8000-000000000000')).toBeNull();
    expect(await f.sessions.tree(f.projectId, at(4))).toBeNull();
    expect(await codeOf(f.sessions.tree(f.projectId, at(2), 0))).toBe('VALIDATION_FAILED');
  });

  it('two moves at once cannot close a circle', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [a, b] = [await f.make(), await f.make()];
      const results = await Promise.all([codeOf(move(a.id, b.id)), codeOf(move(b.id, a.id))]);
      expect(results.filter((code) => code === 'SESSION_PARENT_CYCLE')).toHaveLength(1);
    }
  });

  it('the moves of one bulk are judged together', async () => {
    const [a, b] = [await f.make(), await f.make()];
    const swap = (first: string | null, second: string | null) =>
      f.sessions.bulkUpdate(
        f.projectId,
        [
          { id: a.id, changes: { parentId: first } },
          { id: b.id, changes: { parentId: second } },
        ],
        'x',
      );
    expect(await codeOf(swap(b.id, a.id))).toBe('SESSION_PARENT_CYCLE');
    expect(await codeOf(swap(b.id, null))).toBeNull();
    expect(await codeOf(swap(null, a.id))).toBeNull();
    expect(await children(a.id)).toEqual([b.id]);
  });

  it('children of a deleted parent stay and show no parent; restoring it brings the link back', async () => {
    const parent = await f.make();
    const child = await f.make({ parentId: parent.id });
    await f.sessions.delete(f.projectId, parent.id, 'a');
    expect((await f.sessions.get(f.projectId, child.id))?.parentId).toBeNull();
    await f.sessions.update(f.projectId, child.id, { description: 'touched meanwhile' }, 'a');
    await f.sessions.restore(f.projectId, parent.id, 'a');
    expect((await f.sessions.get(f.projectId, child.id))?.parentId).toBe(parent.id);
    expect(await f.sessions.hardDelete(f.projectId, parent.id, 'a')).toBe(true);
    const left = await f.sessions.get(f.projectId, child.id);
    expect(left).toMatchObject({ parentId: null, version: child.version + 2 });
    expect((await f.news(parent.id)).at(-1)).toMatchObject({ change: 'deleted', hard: true });
    expect((await f.audit(parent.id)).at(-1)).toMatchObject({ action: 'session.hard_delete' });
  });
});

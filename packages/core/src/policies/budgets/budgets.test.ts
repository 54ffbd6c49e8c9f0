import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnBackends } from '../../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from '../../testing/sessions.ts';
import { standingOf } from './budget.ts';
import { Budgets } from './budgets.ts';

describe('the standing of a budget', () => {
  const standing = (limits: Parameters<typeof standingOf>[0]['limits'], spent: Partial<Record<string, number>>) =>
    standingOf({
      limits,
      warningShare: 0.8,
      spent: { tokens: 0, costUsd: 0, seconds: 0, toolCalls: 0, ...spent },
    });

  test('tokens, cost and time are used up at their limit, tool calls beyond it', () => {
    expect(standing({ tokens: 100 }, { tokens: 79 })).toEqual({ usedUp: [], near: [] });
    expect(standing({ tokens: 100, costUsd: 1 }, { tokens: 80, costUsd: 2 })).toEqual({
      usedUp: ['costUsd'],
      near: ['tokens', 'costUsd'],
    });
    expect(standing({ tokens: 100, seconds: 9 }, { tokens: 100, seconds: 9 }).usedUp).toEqual(['tokens', 'seconds']);
    expect(standing({ toolCalls: 3 }, { toolCalls: 3 })).toEqual({ usedUp: [], near: ['toolCalls'] });
    expect(standing({ toolCalls: 3 }, { toolCalls: 4 }).usedUp).toEqual(['toolCalls']);
    expect(standing({ tokens: 100 }, { costUsd: 1e9, seconds: 1e9, toolCalls: 1e9 }).usedUp).toEqual([]);
  });
});

describeOnBackends('budgets', (backend) => {
  let fixture: SessionFixture;
  let budgets: Budgets;
  let projectId: string;
  beforeAll(async () => {
    fixture = await openFixture(backend);
    budgets = new Budgets(fixture.parts);
    projectId = fixture.projectId;
  });
  afterAll(() => fixture.db.close());

  const told = async (budgetId: string) =>
    (
      await fixture.sql<{ payload: Record<string, unknown> }>(
        `SELECT payload FROM feed_entries WHERE topic = 'budget' AND payload->>'budgetId' = $1 ORDER BY id`,
        [budgetId],
      )
    ).map(({ payload }) => [payload.name, payload.change, payload.sessionId ?? payload.version]);

  test('are changed against a version, audited, and told of in the feed', async () => {
    const wanted = { name: 'kept', owner: { scope: 'project' as const }, limits: { costUsd: 25 } };
    const made = await budgets.create(projectId, wanted, 'ann');
    expect(made).toMatchObject({ ...wanted, period: 'total', warningShare: 0.8, version: 1, createdBy: 'ann' });
    expect(await codeOf(budgets.create(projectId, wanted, 'bob'))).toBe('BUDGET_EXISTS');
    const races = await Promise.all(
      [30, 40].map((costUsd) => codeOf(budgets.update(projectId, 'kept', 1, { limits: { costUsd } }, 'bob'))),
    );
    expect(races.sort()).toEqual(['OPTIMISTIC_LOCK', null]);
    expect(await budgets.get(projectId, made.id)).toMatchObject({ version: 2, period: 'total' });
    expect(await codeOf(budgets.get(fixture.otherProjectId, made.id))).toBe('BUDGET_NOT_FOUND');
    expect(await codeOf(budgets.remove(fixture.otherProjectId, made.id, 2, 'eve'))).toBe('BUDGET_NOT_FOUND');
    expect(await codeOf(budgets.remove(projectId, 'kept', 1, 'eve'))).toBe('OPTIMISTIC_LOCK');
    await budgets.remove(projectId, 'kept', 2, 'eve');
    expect(await codeOf(budgets.get(projectId, 'kept'))).toBe('BUDGET_NOT_FOUND');
    const audited = await fixture.audit(made.id);
    expect(audited.map((row) => [row.action, row.actor, row.version_before, row.version_after])).toEqual([
      ['budget.create', 'ann', null, 1],
      ['budget.update', 'bob', 1, 2],
      ['budget.delete', 'eve', 2, null],
    ]);
    expect(await told(made.id)).toEqual([
      ['kept', 'created', 1],
      ['kept', 'updated', 2],
      ['kept', 'deleted', null],
    ]);
  });

  test('refuse what they cannot limit', async () => {
    const owner = { scope: 'project' as const };
    const refused = (input: unknown) => codeOf(budgets.create(projectId, input as never, 'ann'));
    expect(await refused({ name: 'none', owner, limits: {} })).toBe('VALIDATION_FAILED');
    expect(await refused({ name: 'zero', owner, limits: { tokens: 0 } })).toBe('VALIDATION_FAILED');
    expect(await refused({ name: 'odd', owner, limits: { tokens: 1, words: 1 } })).toBe('UNKNOWN_FIELD');
    const { id } = await fixture.make();
    const stranger = { name: 'far', owner: { scope: 'session', sessionId: id }, limits: { tokens: 1 } };
    expect(await codeOf(budgets.create(fixture.otherProjectId, stranger as never, 'ann'))).toBe('SESSION_NOT_FOUND');
  });

  test('count what a session and those below it use, of the agent that runs it and of the project', async () => {
    const parent = await fixture.makeIn('running');
    const child = await fixture.makeIn('running', { parentId: parent.id });
    const other = await fixture.makeIn('running');
    const make = (name: string, owner: Parameters<Budgets['create']>[1]['owner'], tokens: number) =>
      budgets.create(projectId, { name, owner, limits: { tokens, toolCalls: 50 } }, 'ann');
    const ofChild = await make('child', { scope: 'session', sessionId: child.id }, 1000);
    const ofParent = await make('parent', { scope: 'session', sessionId: parent.id }, 100);
    const ofAgent = await make('agent', { scope: 'agent', agent: 'runner-a' }, 1000);
    const ofProject = await make('project', { scope: 'project' }, 1000);
    const before = ofProject.spent.tokens;

    const use = { inputTokens: 30, outputTokens: 20, cacheReadTokens: 10, costMicroUsd: 1500, toolCalls: 2 };
    expect(await fixture.sessions.addUsage(projectId, child.id, use, 'runner-a')).toBeNull();
    await fixture.sessions.addUsage(projectId, other.id, use, 'runner-b');
    const spent = async (name: string) => {
      const { tokens, costUsd, toolCalls } = (await budgets.get(projectId, name)).spent;
      return { tokens, costUsd, toolCalls };
    };
    const once = { tokens: 60, costUsd: 0.0015, toolCalls: 2 };
    expect(await spent('child')).toEqual(once);
    expect(await spent('parent')).toEqual(once);
    expect(await spent('agent')).toEqual(once);
    expect((await spent('project')).tokens - before).toBe(120);
    expect(await budgets.spentBy(projectId, parent.id)).toMatchObject(once);
    expect((await budgets.spentBy(fixture.otherProjectId, parent.id)).tokens).toBe(0);

    // The parent's budget is used up by the child, and stops both, but nobody else.
    const usedUp = await fixture.sessions.addUsage(projectId, child.id, use, 'runner-a');
    expect(usedUp?.name).toBe('parent');
    const standing = async (id: string) => (await budgets.usedUp(projectId, id, 'runner-a'))?.name ?? null;
    expect([await standing(parent.id), await standing(child.id), await standing(other.id)]).toEqual([
      'parent',
      'parent',
      null,
    ]);
    await fixture.sessions.addUsage(projectId, child.id, use, 'runner-a');
    expect(await told(ofParent.id)).toEqual([
      ['parent', 'created', 1],
      ['parent', 'warning', child.id],
      ['parent', 'reached', child.id],
    ]);
    const audited = (await fixture.audit(ofParent.id)).map(({ action, actor }) => [action, actor]);
    expect(audited.slice(1)).toEqual([
      ['budget.warning', 'budget:parent'],
      ['budget.reached', 'budget:parent'],
    ]);
    // Raised, it suffices again; the next warning is one of the raised budget.
    await budgets.update(projectId, 'parent', 1, { limits: { tokens: 200 } }, 'ann');
    expect(await standing(child.id)).toBeNull();
    await fixture.sessions.addUsage(projectId, child.id, { outputTokens: 1 }, 'runner-a');
    expect((await told(ofParent.id)).slice(3).map(([, change]) => change)).toEqual(['updated', 'warning']);
    expect(await told(ofChild.id)).toHaveLength(1);
    expect(await told(ofAgent.id)).toHaveLength(1);
    for (const name of ['child', 'agent', 'project'])
      await budgets.remove(projectId, name, (await budgets.get(projectId, name)).version, 'ann');
  });

  test('of a day or a month count what was booked in it', async () => {
    const { id } = await fixture.makeIn('running');
    await fixture.sessions.addUsage(projectId, id, { inputTokens: 100 });
    const limits = { tokens: 100 };
    for (const period of ['day', 'month', 'total'] as const)
      await budgets.create(
        projectId,
        { name: period, owner: { scope: 'session', sessionId: id }, limits, period },
        'a',
      );
    const usedUp = async () => {
      const { items } = await budgets.list(projectId, 1, 100);
      return items.filter(({ owner, spent }) => 'sessionId' in owner && owner.sessionId === id && spent.tokens >= 100);
    };
    const namesOf = async () => (await usedUp()).map(({ name }) => name);
    expect(await namesOf()).toEqual(['day', 'month', 'total']);
    await fixture.sql(`UPDATE session_spending SET day = day - 62 WHERE session_id = $1`, [id]);
    expect(await namesOf()).toEqual(['total']);
    await fixture.sessions.addUsage(projectId, id, { inputTokens: 1 });
    const tokens = async (name: string) => (await budgets.get(projectId, name)).spent.tokens;
    expect([await tokens('day'), await tokens('month'), await tokens('total')]).toEqual([1, 1, 101]);
  });

  test('count the time that attempts ran, pauses left out, each second once', async () => {
    const { id } = await fixture.makeIn('running');
    const back = (columns: string) => fixture.sql(`UPDATE session_metrics SET ${columns} WHERE session_id = $1`, [id]);
    await back(`started_at = now() - interval '100 seconds', paused_seconds = 40`);
    for (let times = 0; times < 3; times++) await fixture.sessions.addUsage(projectId, id, {}, 'runner-t');
    const seconds = async () => (await budgets.spentBy(projectId, id)).seconds;
    const running = await seconds();
    expect(running).toBeGreaterThanOrEqual(60);
    expect(running).toBeLessThan(90);
    // It has been paused for longer than it was not booked: nothing more is.
    await back(`paused_at = now() - interval '10 seconds'`);
    await fixture.sessions.addUsage(projectId, id, {}, 'runner-t');
    expect(await seconds()).toBe(running);
    const ofAgent = { name: 'time', owner: { scope: 'agent' as const, agent: 'runner-t' }, limits: { seconds: 50 } };
    expect((await budgets.create(projectId, ofAgent, 'ann')).spent.seconds).toBeCloseTo(running, 6);
    expect((await budgets.usedUp(projectId, id, 'runner-t'))?.name).toBe('time');
    expect(await budgets.usedUp(projectId, id, 'runner-u')).toBeNull();
  });

  test('keep what was spent when its session is gone', async () => {
    const { id } = await fixture.makeIn('running');
    const limits = { tokens: 5 };
    const owner = { scope: 'agent' as const, agent: 'runner-g' };
    await budgets.create(projectId, { name: 'gone', owner, limits }, 'ann');
    await fixture.sessions.addUsage(projectId, id, { inputTokens: 7 }, 'runner-g');
    await fixture.sql('DELETE FROM sessions WHERE id = $1', [id]);
    expect((await budgets.get(projectId, 'gone')).spent.tokens).toBe(7);
  });
});

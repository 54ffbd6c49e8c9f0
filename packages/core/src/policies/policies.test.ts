import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from '../testing/sessions.ts';
import type { AskedCall } from './decision.ts';
import { Policies } from './policies.ts';
import type { PolicyDocumentInput } from './policy.ts';

describeOnBackends('policies', (backend) => {
  let fixture: SessionFixture;
  let policies: Policies;
  let projectId: string;
  beforeAll(async () => {
    fixture = await openFixture(backend);
    policies = new Policies(fixture.parts);
    projectId = fixture.projectId;
  });
  afterAll(() => fixture.db.close());

  const document = (name: string, effect: 'allow' | 'deny' | 'warn', programs: string[]): PolicyDocumentInput => ({
    name,
    rules: [{ id: 'rule', name: `${effect} ${programs}`, match: { commands: [{ programs }] }, effect }],
    default: 'next',
  });
  /** How often somebody asked what was spent, which is what is spent. */
  let lookedUp = 0;
  const call = (sessionId: string, command: string): AskedCall => ({
    projectId,
    sessionId,
    runtime: 'opencode',
    agent: null,
    agentRole: null,
    taskType: null,
    labels: [],
    workspacePath: '/tmp',
    tool: 'bash',
    arguments: { command },
    at: new Date(),
    spent: () => Promise.resolve({ tokens: ++lookedUp, costUsd: 0, seconds: 0, toolCalls: 0 }),
  });

  test('look up what was spent only where a rule asks for it', async () => {
    const { id } = await fixture.make();
    const decided = async () => (await policies.decide(call(id, 'dear'))).effect;
    const plain = await policies.create(
      projectId,
      { document: document('plain', 'deny', ['cheap']), sessionId: id },
      'ann',
    );
    expect([await decided(), lookedUp]).toEqual(['allow', 0]);
    const dear = document('costs', 'deny', ['dear']);
    const rules = dear.rules.map((rule) => ({ ...rule, match: { ...rule.match, spent: { tokens: 2 } } }));
    const costs = { ...dear, rules };
    const made = await policies.create(projectId, { document: costs, sessionId: id }, 'ann');
    expect([await decided(), await decided(), lookedUp]).toEqual(['allow', 'deny', 2]);
    for (const one of [plain, made]) await policies.remove(projectId, one.id, one.version, 'ann');
  });

  test('are changed against a version, kept in all versions, audited, and told of in the feed', async () => {
    const made = await policies.create(projectId, { document: document('kept', 'deny', ['curl']) }, 'ann');
    expect(made).toMatchObject({ name: 'kept', version: 1, enabled: true, position: 100, sessionId: null });
    expect(await policies.get(projectId, 'kept')).toEqual(made);
    expect(await codeOf(policies.create(projectId, { document: document('kept', 'deny', ['x']) }, 'ann'))).toBe(
      'POLICY_EXISTS',
    );
    const races = await Promise.all(
      [1, 2].map((position) => codeOf(policies.update(projectId, made.id, 1, { position }, 'bob'))),
    );
    expect(races.sort()).toEqual(['OPTIMISTIC_LOCK', null]);
    const renamed = await policies.update(
      projectId,
      'kept',
      2,
      { document: document('other', 'allow', ['curl']) },
      'eve',
    );
    expect(renamed).toMatchObject({ name: 'other', version: 3 });
    expect(await codeOf(policies.remove(projectId, 'other', 2, 'eve'))).toBe('OPTIMISTIC_LOCK');
    await policies.remove(projectId, 'other', 3, 'eve');
    expect(await codeOf(policies.get(projectId, made.id))).toBe('POLICY_NOT_FOUND');

    const { items } = await policies.versions(projectId, made.id, 1, 10);
    expect(items.map(({ version, changedBy, document: { name } }) => [version, changedBy, name])).toEqual([
      [3, 'eve', 'other'],
      [2, 'bob', 'kept'],
      [1, 'ann', 'kept'],
    ]);
    const audited = (await fixture.audit(made.id)).map((row) => [
      row.action,
      row.actor,
      row.version_before,
      row.version_after,
    ]);
    expect(audited).toEqual([
      ['policy.create', 'ann', null, 1],
      ['policy.update', 'bob', 1, 2],
      ['policy.update', 'eve', 2, 3],
      ['policy.delete', 'eve', 3, null],
    ]);
    const told = await fixture.sql<{ payload: { change: string } }>(
      `SELECT payload FROM feed_entries WHERE topic = 'policy' AND payload->>'policyId' = $1 ORDER BY id`,
      [made.id],
    );
    expect(told.map(({ payload }) => payload.change)).toEqual(['created', 'updated', 'updated', 'deleted']);
    await expect(fixture.sql('UPDATE policy_versions SET changed_by = $1', ['me'])).rejects.toThrow();
  });

  test('unknown fields are refused with their path, and other projects see nothing', async () => {
    const wrong = { document: { ...document('bad', 'deny', ['x']), defaults: 'deny' } } as never;
    await expect(policies.create(projectId, wrong, 'ann')).rejects.toMatchObject({
      code: 'UNKNOWN_FIELD',
      details: { field: 'document.defaults' },
    });
    const { id } = await policies.create(projectId, { document: document('mine', 'deny', ['mine']) }, 'ann');
    const session = await fixture.make();
    const other = fixture.otherProjectId;
    expect(await codeOf(policies.get(other, id))).toBe('POLICY_NOT_FOUND');
    expect(await codeOf(policies.versions(other, id, 1, 10))).toBe('POLICY_NOT_FOUND');
    expect((await policies.list(other, 1, 10)).total).toBe(0);
    const foreign = { document: document('theirs', 'deny', ['x']), sessionId: session.id };
    expect(await codeOf(policies.create(other, foreign, 'ann'))).toBe('SESSION_NOT_FOUND');
    expect(await policies.decide({ ...call(session.id, 'mine'), projectId: other })).toMatchObject({ effect: 'allow' });
    expect(await policies.decide(call(session.id, 'mine'))).toMatchObject({ effect: 'deny' });
  });

  test('are asked in their order while they are enabled', async () => {
    const { id } = await fixture.make();
    const effect = async () => (await policies.decide(call(id, 'wget x'))).effect;
    await policies.create(projectId, { document: document('second', 'deny', ['wget']), position: 20 }, 'ann');
    const first = await policies.create(
      projectId,
      { document: document('first', 'allow', ['wget']), position: 10 },
      'ann',
    );
    expect(await effect()).toBe('allow');
    await policies.update(projectId, first.id, 1, { enabled: false }, 'ann');
    expect(await effect()).toBe('deny');
    await policies.update(projectId, first.id, 2, { enabled: true, position: 30 }, 'ann');
    expect(await effect()).toBe('deny');
  });

  test('of a session hold for all below it, and go with it', async () => {
    const parent = await fixture.make();
    const child = await fixture.make({ parentId: parent.id });
    const grandchild = await fixture.make({ parentId: child.id });
    const stranger = await fixture.make();
    await policies.create(projectId, { document: document('family', 'deny', ['make']), sessionId: child.id }, 'ann');
    const effects = [];
    for (const { id } of [parent, child, grandchild, stranger])
      effects.push((await policies.decide(call(id, 'make'))).effect);
    expect(effects).toEqual(['allow', 'deny', 'deny', 'allow']);
    const asked = await policies.explain(projectId, {
      sessionId: grandchild.id,
      tool: 'bash',
      arguments: { command: 'make' },
    });
    expect(asked).toMatchObject({ effect: 'deny', commands: ['make'] });
  });

  test('a document is tried on calls that were made, each with what its session had spent until then', async () => {
    const session = await fixture.make({ tags: ['nightly'] });
    const events: [type: string, payload: unknown][] = [
      ['tool_call', { callId: 'a', tool: 'bash', arguments: { command: 'ls' } }],
      [
        'usage',
        { inputTokens: 60, outputTokens: 40, reasoningTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 2 },
      ],
      ['tool_call', { callId: 'b', tool: 'bash', arguments: { command: 'ls; rm -rf x' } }],
      ['tool_call', { callId: 'c', tool: 'write', arguments: { filePath: '/etc/x' } }],
      ['tool_call', null],
    ];
    await fixture.sql('UPDATE journal_heads SET last_seq = 104 WHERE session_id = $1', [session.id]);
    for (const [at, [type, payload]] of events.entries()) {
      await fixture.sql(
        `INSERT INTO journal_events (session_id, seq, project_id, event_id, type, actor, attempt, payload, occurred_at)
         VALUES ($1, $2::bigint, $3, gen_random_uuid(), $4, 'x', 1, $5, now() + make_interval(secs => $2::bigint))`,
        [session.id, at + 100, projectId, type, payload === null ? null : JSON.stringify(payload)],
      );
    }
    const run = (rules: PolicyDocumentInput['rules']) =>
      policies.dryRun(projectId, { sessionId: session.id, document: { name: 'tried', rules, default: 'allow' } });
    const one = (
      id: string,
      match: PolicyDocumentInput['rules'][number]['match'],
      effect: 'deny' | 'warn' | 'require_approval',
    ) => ({
      id,
      name: id,
      match,
      effect,
    });
    const result = await run([
      one('rm', { commands: [{ programs: ['rm'] }] }, 'require_approval'),
      one('etc', { paths: { inside: ['/etc/**'] } }, 'deny'),
    ]);
    expect(result).toMatchObject({ calls: 4, allow: 1, deny: 1, requireApproval: 1, warned: 0, unreadable: 1 });
    expect(result.affected.map(({ seq, rule, commands }) => [seq, rule?.ruleId, commands])).toEqual([
      [103, 'etc', []],
      [102, 'rm', ['ls', 'rm -rf x']],
    ]);
    const spent = await run([
      one('late', { spent: { tokens: 100, costUsd: 2, toolCalls: 1, seconds: 2 }, labels: ['nightly'] }, 'warn'),
    ]);
    expect(spent).toMatchObject({ allow: 3, warned: 2 });
    expect(spent.affected.map(({ seq }) => seq)).toEqual([103, 102]);
    expect(await policies.dryRun(fixture.otherProjectId, { sessionId: session.id })).toMatchObject({ calls: 0 });
  });
});

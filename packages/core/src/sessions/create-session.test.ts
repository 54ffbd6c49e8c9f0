import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import type { CreateSession } from './session.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describeOnBackends('creating sessions', (backend) => {
  let f: SessionFixture;
  beforeAll(async () => {
    f = await openFixture(backend);
  });
  afterAll(() => f.db.close());

  const create = (input: Partial<CreateSession>, actor = 'anonymous') =>
    f.sessions.create(f.projectId, { title: 'Billing API migration', initialPrompt: 'do it', ...input }, actor);
  const rowCount = async () => {
    const [row] = await f.sql<{ n: number }>(
      'SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM feed_entries) + (SELECT count(*) FROM audit_events) AS n',
    );
    return Number(row?.n);
  };

  it('A1: fills in the defaults, makes the metrics row and tells of it once', async () => {
    const session = await create({ title: '  Billing API migration  ' });
    expect(session).toMatchObject({
      title: 'Billing API migration',
      status: 'pending',
      sessionType: 'execution',
      priority: 2,
      version: 1,
      attempt: 1,
      limits: { maxDurationSeconds: 3600, cpuLimit: null, memoryLimitMb: null },
      tags: [],
      metadata: {},
      agentConfig: { default_agent: 'industrial-coder' },
      createdBy: null,
      agentIds: [],
      expiresAt: null,
      deletedAt: null,
    });
    expect(await f.sessions.get(f.projectId, session.id)).toEqual(session);
    const metrics = await f.sessions.metrics(f.projectId, session.id);
    expect(metrics).toMatchObject({ apiCallsCount: 0, apiErrorsCount: 0, retryCount: 0, checkpointCount: 0 });
    expect(await f.news(session.id)).toEqual([
      {
        sessionId: session.id,
        change: 'created',
        status: 'pending',
        version: 1,
        title: 'Billing API migration',
        sessionType: 'execution',
        createdBy: null,
      },
    ]);
    expect(await f.audit(session.id)).toMatchObject([
      { action: 'session.create', actor: 'anonymous', version_after: 1 },
    ]);
  });

  it('A2: refuses titles and prompts that say nothing, and stores nothing of them', async () => {
    const before = await rowCount();
    for (const title of ['', '   ', 'Untitled', ' TEST SESSION ']) {
      expect(await codeOf(create({ title }))).toBe('VALIDATION_FAILED');
    }
    expect(await codeOf(create({ initialPrompt: ' \n ' }))).toBe('VALIDATION_FAILED');
    expect(await rowCount()).toBe(before);
    expect((await create({ title: 'Untitled parser rewrite' })).title).toBe('Untitled parser rewrite');
  });

  it('A3: holds the limits of duration and cores, and titles once per creator', async () => {
    const limits = (value: CreateSession['limits']) => codeOf(create({ limits: value }));
    expect(await limits({ maxDurationSeconds: 59 })).toBe('VALIDATION_FAILED');
    expect(await limits({ maxDurationSeconds: 60 })).toBeNull();
    expect(await limits({ maxDurationSeconds: 86_400 })).toBeNull();
    expect(await limits({ maxDurationSeconds: 86_401 })).toBe('VALIDATION_FAILED');
    expect(await limits({ cpuLimit: 0.09 })).toBe('VALIDATION_FAILED');
    expect(await limits({ cpuLimit: 0.1 })).toBeNull();
    expect(await limits({ cpuLimit: 8 })).toBeNull();
    expect(await limits({ cpuLimit: 8.1 })).toBe('VALIDATION_FAILED');
    expect(await limits({ cpuLimit: null })).toBeNull();
    const title = 'Same title';
    expect(await codeOf(create({ title, createdBy: 'a' }))).toBeNull();
    expect(await codeOf(create({ title, createdBy: 'a' }))).toBe('SESSION_EXISTS');
    expect(await codeOf(create({ title, createdBy: 'b' }))).toBeNull();
  });

  it('the database holds the same limits against a direct insert', async () => {
    const { id } = await create({});
    for (const assignment of ['max_duration_seconds = 59', 'cpu_limit = 8.1', `title = ' x '`, 'priority = 5']) {
      const update = f.sql(`UPDATE sessions SET ${assignment}, version = version + 1 WHERE id = $1`, [id]);
      await expect(update).rejects.toMatchObject({ kind: 'check' });
    }
  });

  it('SES scenario 1: the creator takes part, with metadata and lifetime, and the project is told once', async () => {
    const session = await f.sessions.create(
      f.projectId,
      { title: 'Scenario one', initialPrompt: 'x', metadata: { task: 'x' }, ttl: 3600 },
      'a',
    );
    expect(session).toMatchObject({ agentIds: ['a'], codeState: 'working', lastSeq: 0, metadata: { task: 'x' } });
    const left = (Date.parse(session.expiresAt ?? '') - Date.now()) / 1000;
    expect(left).toBeGreaterThan(3595);
    expect(left).toBeLessThanOrEqual(3600);
    expect(await f.news(session.id)).toMatchObject([{ change: 'created', createdBy: 'a' }]);
  });

  it('SES scenario 2: initial entities make event 1, the next event is 2', async () => {
    const session = await create({ createdBy: 'a', title: 'Scenario two', initialEntityIds: ['e1', 'e2'] });
    expect(session.lastSeq).toBe(1);
    const events = await f.sql('SELECT seq::int, type, actor, change_info FROM journal_events WHERE session_id = $1', [
      session.id,
    ]);
    const changeInfo = { elementType: 'session', operation: 'init', entityIds: ['e1', 'e2'] };
    expect(events).toEqual([{ seq: 1, type: 'start', actor: 'a', change_info: changeInfo }]);
    await f.sessions.start(f.projectId, session.id, 'a');
    expect((await f.sessions.get(f.projectId, session.id))?.lastSeq).toBe(2);
  });

  it('SES scenario 11: an unknown id is not found by any verb; one id is made once, also in parallel', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    const { sessions, projectId } = f;
    expect(await codeOf(sessions.join(projectId, unknown, { agent: 'a' }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.leave(projectId, unknown, { agent: 'a' }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.addCheckpoint(projectId, unknown, { data: 1 }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.pause(projectId, unknown, 'a'))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.metrics(projectId, unknown))).toBe('SESSION_NOT_FOUND');
    expect(await sessions.get(projectId, unknown)).toBeNull();
    expect(await sessions.delete(projectId, unknown, 'a')).toBe(false);
    expect(await sessions.hardDelete(projectId, unknown, 'a')).toBe(false);
    const id = '00000000-0000-4000-8000-000000000011';
    const both = await Promise.all([codeOf(create({ id })), codeOf(create({ id }))]);
    expect(both.sort()).toEqual(['SESSION_EXISTS', null]);
  });

  it('another project sees, changes and deletes nothing', async () => {
    const { id } = await f.make();
    const { sessions, otherProjectId } = f;
    expect(await sessions.get(otherProjectId, id)).toBeNull();
    expect(await sessions.exists(otherProjectId, id)).toBe(false);
    expect(await codeOf(sessions.update(otherProjectId, id, { title: 'Mine' }, 'x'))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.start(otherProjectId, id, 'x'))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.addCheckpoint(otherProjectId, id, { data: 1 }))).toBe('SESSION_NOT_FOUND');
    expect(await codeOf(sessions.addUsage(otherProjectId, id, { apiCalls: 1 }))).toBe('SESSION_NOT_FOUND');
    expect(await sessions.hardDelete(otherProjectId, id, 'x')).toBe(false);
    const nowhere = sessions.create('00000000-0000-4000-8000-000000000000', { title: 'X1', initialPrompt: 'x' }, 'x');
    expect(await codeOf(nowhere)).toBe('PROJECT_NOT_FOUND');
    const foreign = sessions.create(otherProjectId, { title: 'Child', initialPrompt: 'x', parentId: id }, 'x');
    expect(await codeOf(foreign)).toBe('SESSION_NOT_FOUND');
    expect((await sessions.get(f.projectId, id))?.version).toBe(1);
  });

  it('names an unknown field, refuses unstorable text, keeps JSON as it was given', async () => {
    expect(await codeOf(create({ titel: 'x' } as Partial<CreateSession>))).toBe('UNKNOWN_FIELD');
    expect(await codeOf(create({ title: 'a\0b' }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(create({ metadata: { x: 'a\0b' } }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(create({ metadata: { x: '\ud800' } }))).toBe('VALIDATION_FAILED');
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    expect(await codeOf(create({ metadata: { deep } as never }))).toBe('VALIDATION_FAILED');
    const metadata = { __proto__x: 1, nested: [null, { 'ä b': '☃' }], constructor: 'c' };
    expect((await create({ metadata })).metadata).toEqual(metadata);
  });

  it('a session with a runtime needs a workspace to start in; with one, creating with start queues its run', async () => {
    const command = { runtime: 'command' as const, command: ['true'] };
    expect(await codeOf(create({ ...command, start: true }))).toBe('SESSION_NOT_EXECUTABLE');
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await codeOf(create({ ...command, workspaceId: unknown }))).toBe('WORKSPACE_NOT_FOUND');
    const workspace = await f.workspaces.create(f.projectId, { path: process.cwd() }, 'x');
    const session = await create({ ...command, workspaceId: workspace.id, start: true, priority: 0 });
    expect(session).toMatchObject({ status: 'queued', version: 2 });
    const tasks = await f.sql('SELECT type, status, priority, payload FROM tasks WHERE session_id = $1', [session.id]);
    expect(tasks).toEqual([{ type: 'session.run', status: 'queued', priority: 0, payload: { attempt: 1 } }]);
    expect(await codeOf(f.sessions.update(f.projectId, session.id, { status: 'running' }, 'x'))).toBe(
      'SESSION_NOT_EXECUTABLE',
    );
    expect(await f.sessions.cancel(f.projectId, session.id, 'x')).toMatchObject({ status: 'cancelled', version: 3 });
    expect(await f.sql('SELECT status FROM tasks WHERE session_id = $1', [session.id])).toEqual([
      { status: 'cancelled' },
    ]);
  });

  it('without a runtime, creating with start begins at once', async () => {
    const session = await create({ start: true });
    expect(session).toMatchObject({ status: 'running', version: 2, lastSeq: 1 });
  });
});

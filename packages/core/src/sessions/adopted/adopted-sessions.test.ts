import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Approver } from '../../approvals/index.ts';
import { type Core, createCore } from '../../core.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject } from '../../testing/index.ts';
import type { AdoptedEvent, AdoptedReport } from './adopted-event.ts';

const ann: Approver = { actor: 'ann', name: 'ann', role: 'approver' };
const bash = (callId: string, command: string): AdoptedEvent => ({
  type: 'tool_before',
  callId,
  tool: 'Bash',
  arguments: { command },
});
const over = (callId: string, tool = 'Bash', given: Record<string, string> = {}): AdoptedEvent => ({
  type: 'tool_after',
  callId,
  tool,
  arguments: given,
  status: 'completed',
  output: 'ok',
  durationMs: 5,
  background: false,
  metadata: {},
});
const prompt = (text: string): AdoptedEvent => ({ type: 'prompt', text });
const stop: AdoptedEvent = { type: 'turn_ended', message: 'Done.', failure: null };

describeOnBackends('sessions that people start themselves', (backend) => {
  let core: Core;
  let root: string;
  let work: string;
  let project: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-adopted-')));
    work = join(root, 'work');
    await mkdir(work);
    const opened = await backend.open();
    project = await insertTestProject(opened.database);
    core = createCore({
      database: opened.database,
      dataDir: root,
      nodeId: 'test',
      logger: pino({ level: 'silent' }),
    });
    close = opened.close;
    const rules = [
      {
        id: 'ask-rm',
        name: 'Ask before deleting',
        match: { commands: [{ programs: ['rm'] }], runtimes: ['claude-code'] },
        effect: 'require_approval' as const,
      },
      { id: 'no-push', name: 'No push', match: { commands: [{ programs: ['git'] }] }, effect: 'deny' as const },
    ];
    await core.policies.create(project, { document: { name: 'house', rules, default: 'allow' } }, 'me');
  });
  afterAll(async () => {
    await core.close();
    await close();
    await rm(root, { recursive: true, force: true });
  });

  /** A conversation of an agent; what it reports is answered by the room. */
  const agent = (conversation: string, projectId = project) => {
    const report = (event: AdoptedEvent, more: Partial<AdoptedReport> = {}) =>
      core.adopted.report(
        projectId,
        {
          source: 'claude-code',
          eventId: systemIds.uuid(),
          conversation,
          directory: work,
          at: null,
          late: false,
          waitSeconds: 0,
          final: true,
          event,
          ...more,
        },
        { actor: 'claude-code', mayAddWorkspaces: true, gone: new AbortController().signal },
      );
    return report;
  };
  const session = async (id: string | null) => {
    const found = await core.sessions.get(project, id ?? '');
    if (!found) throw new Error('there is no such session');
    return found;
  };
  const events = async (id: string | null) => (await core.journal.read(project, id ?? '', { limit: 200 })).items;
  const types = async (id: string | null) => (await events(id)).map(({ type }) => type);
  const openApprovals = async (id: string | null) =>
    (await core.approvals.list(project)).items.filter((one) => one.sessionId === id && one.status === 'pending');

  test('a prompt makes a session, its edits and those of shells are its own, and the answer ends it; the next prompt makes a child', async () => {
    const report = agent('one');
    const opened = await report({ type: 'opened', model: 'a-model', detail: { source: 'startup' } });
    expect(await session(opened.sessionId)).toMatchObject({ status: 'pending', runtime: null });
    const { sessionId } = await report(prompt('Tidy the house\nin all rooms'));
    expect(sessionId).toBe(opened.sessionId);
    const begun = await session(sessionId);
    expect(begun).toMatchObject({
      status: 'running',
      title: 'Tidy the house',
      initialPrompt: 'Tidy the house\nin all rooms',
      tags: ['claude-code'],
      metadata: { adoptedFrom: 'claude-code', conversation: 'one' },
    });
    const write = { file_path: join(work, 'named.txt'), content: 'as said\n' };
    const before = { type: 'tool_before', callId: 'w', tool: 'Write', arguments: write } as const;
    expect(await report(before)).toMatchObject({ decision: 'none', sessionId });
    await writeFile(write.file_path, write.content);
    await report(over('w', 'Write', write));
    await writeFile(join(work, 'by-a-person.txt'), 'mine\n');
    expect(await report(bash('b', 'echo x > shell.txt'))).toMatchObject({ decision: 'none' });
    await writeFile(join(work, 'shell.txt'), 'x\n');
    await report(over('b'));
    await report({ type: 'noted', phase: 'claude_code.notification', detail: { message: 'look' } });
    await report(stop);
    expect(await session(sessionId)).toMatchObject({ status: 'completed' });
    const metrics = await core.sessions.metrics(project, sessionId ?? '');
    expect([metrics.toolCallsCount, metrics.result]).toEqual([2, { message: 'Done.' }]);
    const changes = (await events(sessionId)).filter(({ type }) => type === 'file_change');
    expect(changes.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ path: 'named.txt', callId: 'w', operation: 'added' }),
      expect.objectContaining({ path: 'shell.txt', callId: 'b', operation: 'added' }),
    ]);
    expect(new Set((await events(sessionId)).map(({ actor }) => actor))).toEqual(new Set(['claude-code']));

    const next = await report(prompt('And now the garden'));
    expect(await session(next.sessionId)).toMatchObject({ status: 'running', parentId: sessionId });
    await report({ type: 'closed', reason: 'prompt_input_exit' });
    expect(await session(next.sessionId)).toMatchObject({ status: 'cancelled' });
  });

  test('what is told twice takes effect once', async () => {
    const report = agent('twice');
    const told = (event: AdoptedEvent) => ({ event, eventId: systemIds.uuid() });
    const all = [prompt('Do it once'), bash('1', 'ls'), over('1'), stop].map(told);
    const ids = new Set<string | null>();
    for (const { event, eventId } of all) {
      for (let time = 0; time < 2; time += 1) ids.add((await report(event, { eventId })).sessionId);
    }
    // Late, all of it again: also the prompt opens nothing new.
    for (const { event, eventId } of all) ids.add((await report(event, { eventId, late: true })).sessionId);
    expect(ids.size).toBe(1);
    const [id] = [...ids];
    expect(await types(id ?? null)).toEqual(['start', 'message', 'tool_call', 'tool_result', 'message', 'status']);
    expect((await core.sessions.metrics(project, id ?? '')).toolCallsCount).toBe(1);
  });

  test('a call is held, refused in the end with what to do, and its retry is matched and uses the approval up', async () => {
    const report = agent('held');
    const { sessionId } = await report(prompt('Delete the build'));
    const eventId = systemIds.uuid();
    const held = await report(bash('1', 'rm -rf build'), { eventId, final: false });
    expect(held).toMatchObject({ decision: 'held', approvalId: expect.any(String) });
    expect((await session(sessionId)).status).toBe('paused');
    // Whoever asks again with the same event asks nothing new.
    expect(await report(bash('1', 'rm -rf build'), { eventId, final: false })).toEqual(held);
    const [asked, ...more] = await openApprovals(sessionId);
    expect([asked?.id, asked?.requestedBy, more]).toEqual([held.approvalId, 'claude-code', []]);
    const refused = await report(bash('1', 'rm -rf build'), { eventId });
    expect([refused.decision, refused.reason]).toEqual([
      'deny',
      expect.stringMatching(new RegExp(`approval ${asked?.id} is pending. Retry this exact call`)),
    ]);
    expect((await session(sessionId)).status).toBe('running');
    // Other arguments are another question.
    expect((await report(bash('2', 'rm -rf buil'))).approvalId).not.toBe(asked?.id);

    await core.approvals.decide(project, asked?.id ?? '', { verdict: 'approve' }, ann);
    expect(await report(bash('3', 'rm -rf build'))).toMatchObject({ decision: 'allow', reason: 'Approved by ann.' });
    expect((await core.approvals.get(project, asked?.id ?? '')).usedAt).not.toBeNull();
    expect((await report(bash('4', 'rm -rf build'))).decision).toBe('deny');
    const phases = (await events(sessionId)).flatMap(({ payload }) => (payload as { phase?: string }).phase ?? []);
    expect(phases.filter((phase) => phase === 'approval_requested')).toHaveLength(3);
    expect(await report(bash('5', 'git push'))).toMatchObject({
      decision: 'deny',
      reason: expect.stringContaining('rule no-push'),
    });
  });

  test('people answer while the hook waits, and what they edit is what acts', async () => {
    const report = agent('edited');
    const { sessionId } = await report(prompt('Delete a part of the build'));
    const answer = report(bash('1', 'rm -rf build'), { waitSeconds: 60, final: false });
    await expect.poll(async () => (await openApprovals(sessionId)).length, { timeout: 30_000 }).toBe(1);
    const [asked] = await openApprovals(sessionId);
    const edit = { arguments: { command: 'rm -rf build/cache' } };
    await core.approvals.editAndApprove(project, asked?.id ?? '', edit, ann);
    expect(await answer).toMatchObject({ decision: 'allow', arguments: { command: 'rm -rf build/cache' } });
    expect((await session(sessionId)).status).toBe('running');
  });

  test('a turn that ends while people are asked waits for them, and its call passes in the next one', async () => {
    const report = agent('waits');
    const { sessionId } = await report(prompt('Delete the house'));
    const { approvalId } = await report(bash('1', 'rm -rf house'));
    await report(stop);
    expect((await session(sessionId)).status).toBe('paused');
    await core.approvals.decide(project, approvalId ?? '', { verdict: 'approve' }, ann);
    expect((await report(prompt('Go on'))).sessionId).toBe(sessionId);
    expect((await session(sessionId)).status).toBe('running');
    expect((await report(bash('2', 'rm -rf house'))).decision).toBe('allow');
    await report(stop);
    expect((await session(sessionId)).status).toBe('completed');
  });

  test('an operator pauses and stops it: calls wait, then are refused until its person speaks again', async () => {
    const report = agent('operated');
    const { sessionId } = await report(prompt('Work until you are stopped'));
    await core.sessions.pause(project, sessionId ?? '', 'op');
    expect((await report(bash('1', 'ls'), { final: false })).decision).toBe('held');
    expect(await report(bash('1', 'ls'))).toMatchObject({
      decision: 'deny',
      reason: expect.stringContaining('was paused'),
    });
    await core.sessions.resume(project, sessionId ?? '', 'op');
    expect((await report(bash('2', 'ls'))).decision).toBe('none');
    await core.sessions.stop(project, sessionId ?? '', 'op');
    expect(await report(bash('3', 'ls'))).toMatchObject({ decision: 'deny', sessionId });
    const next = await report(prompt('Something else then'));
    expect(next.sessionId).not.toBe(sessionId);
    expect((await report(bash('4', 'ls'))).decision).toBe('none');
  });

  test('calls are refused once a budget is used up, and pass again when it is raised', async () => {
    const report = agent('spending');
    const { sessionId } = await report(prompt('Spend it all'));
    const owner = { scope: 'session' as const, sessionId: sessionId ?? '' };
    const budget = await core.budgets.create(project, { name: 'small', owner, limits: { toolCalls: 1 } }, 'me');
    expect((await report(bash('1', 'ls'))).decision).toBe('none');
    expect(await report(bash('2', 'ls'))).toMatchObject({ decision: 'deny', reason: expect.stringContaining('small') });
    await core.budgets.update(project, budget.id, budget.version, { limits: { toolCalls: 20 } }, 'me');
    expect((await report(bash('3', 'ls'))).decision).toBe('none');
  });

  test('what is told late is recorded as it was, and decides nothing', async () => {
    const report = agent('late');
    const at = '2026-01-02T03:04:05.000Z';
    const { sessionId } = await report(prompt('Work on the train'), { late: true, at });
    expect(await report(bash('1', 'rm -rf /'), { late: true, at })).toMatchObject({ decision: 'none' });
    await report(over('1'), { late: true, at });
    await report(stop, { late: true, at });
    expect((await session(sessionId)).status).toBe('completed');
    expect(await openApprovals(sessionId)).toEqual([]);
    const told = (await events(sessionId)).filter(({ occurredAt }) => occurredAt === at);
    expect(told.map(({ type }) => type)).toEqual(['message', 'tool_call', 'status', 'tool_result', 'message']);
  });

  test('one that falls silent is orphaned, and what it says later goes to a new session', async () => {
    const report = agent('silent');
    const { sessionId } = await report(prompt('Fall asleep'));
    expect(await core.adopted.lookAfter('upkeep')).toEqual([]);
    const text = "UPDATE adopted_conversations SET heard_at = now() - interval '61 minutes' WHERE reference = 'silent'";
    await core.database.query({ name: '', text });
    expect(await core.adopted.lookAfter('upkeep')).toEqual([{ projectId: project, id: sessionId }]);
    expect((await session(sessionId)).status).toBe('orphaned');
    const later = await report(bash('1', 'ls'));
    expect(await session(later.sessionId)).toMatchObject({ status: 'running', parentId: sessionId });
  });

  test('nobody is told of a conversation in another project, and an end of nothing is nothing', async () => {
    const other = await insertTestProject(core.database);
    const { sessionId } = await agent('one', other)(prompt('Tidy the house'));
    expect(await core.sessions.get(project, sessionId ?? '')).toBeNull();
    expect(await agent('unheard of')(stop)).toMatchObject({ sessionId: null, decision: 'none', unreachable: 'allow' });
  });

  test('a policy says what becomes of calls that nobody can be asked about', async () => {
    const document = { name: 'closed', rules: [], default: 'next' as const, unreachable: 'deny' as const };
    const policy = await core.policies.create(project, { document }, 'me');
    expect((await agent('closed')(prompt('Look at the door'))).unreachable).toBe('deny');
    await core.policies.remove(project, policy.id, policy.version, 'me');
    expect((await agent('closed')(stop)).unreachable).toBe('allow');
  });
});

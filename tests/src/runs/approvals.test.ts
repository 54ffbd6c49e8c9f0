import {
  type Approver,
  type PermissionRequest,
  type RunSpec,
  reapLostRuns,
  type Session,
  type ToolCall,
} from '@signalbox/core';
import { firstBackend } from '@signalbox/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AskingRuntime } from './asking-runtime.ts';
import { openRuns, type RunHarness } from './run-harness.ts';
import { statedPolicies } from './stated-policies.ts';

const policies = statedPolicies({
  name: 'house',
  rules: [
    {
      id: 'no-push',
      name: 'Never push',
      match: { commands: [{ programs: ['git'], anyArgument: ['push'] }] },
      effect: 'deny',
    },
    { id: 'look', name: 'Look at makes', match: { commands: [{ programs: ['make'] }] }, effect: 'warn' },
    {
      id: 'ask-rm',
      name: 'Ask before deleting',
      match: { commands: [{ programs: ['rm'] }] },
      effect: 'require_approval',
      approval: { reason: 'it deletes' },
    },
    { id: 'ask-out', name: 'Ask outside src', match: { paths: { outside: ['src/**'] } }, effect: 'require_approval' },
  ],
  default: 'allow',
});
const ann: Approver = { actor: 'ann', name: 'ann', role: 'approver' };
const soon = { timeout: 60_000, interval: 50 };
const bash = (callId: string, command: string): ToolCall => ({ callId, tool: 'bash', arguments: { command } });
const write = (callId: string, filePath: string): ToolCall => ({
  callId,
  tool: 'write',
  arguments: { filePath, content: 'x' },
});

describe('runs whose calls are held for people', () => {
  const plans = new Map<string, readonly (ToolCall | PermissionRequest)[]>();
  const runtime = new AskingRuntime(({ sessionId }: RunSpec) => plans.get(sessionId) ?? []);
  let runs: RunHarness;
  beforeAll(async () => {
    runs = await openRuns(firstBackend(), { runtimes: [runtime], policies });
    runs.newRunner({ capacity: 1, permissions: 'ask' }).start();
  });
  afterAll(() => runs.close());

  const start = async (...calls: (ToolCall | PermissionRequest)[]): Promise<Session> => {
    const session = await runs.script('', { runtime: 'opencode', command: undefined, start: false } as object);
    plans.set(session.id, calls);
    return runs.core.sessions.start(runs.projectId, session.id, 'me');
  };
  const pending = async ({ id }: Session, what: string) => {
    const open = async () =>
      (await runs.core.approvals.list(runs.projectId)).items.filter(
        ({ sessionId, status, summary }) => sessionId === id && status === 'pending' && summary.includes(what),
      );
    await expect.poll(async () => (await open()).length, soon).toBe(1);
    const [one] = await open();
    if (!one) throw new Error('decided meanwhile');
    return one;
  };
  const decide = (id: string, verdict: 'approve' | 'reject', reason: string | null = null) =>
    runs.core.approvals.decide(runs.projectId, id, { verdict, reason }, ann);
  const decisions = ({ id }: Session) => runtime.runs.get(id)?.map((run) => run.decisions);

  test('one is approved, one rejected, other arguments are held again; meanwhile it pauses, and its slot is free', async () => {
    const session = await start(
      bash('1', 'make all'),
      bash('2', 'rm -rf build'),
      write('3', 'README.md'),
      bash('4', 'rm -rf buil'),
      bash('5', 'git push'),
      bash('6', 'rm -rf build'),
    );
    const first = await pending(session, 'rm -rf build');
    expect(first).toMatchObject({
      tool: 'bash',
      callId: '2',
      workingDirectory: runs.work,
      why: 'it deletes',
      policy: { policyId: 'p1', version: 1, ruleId: 'ask-rm' },
    });
    await runs.reaches(session.id, 'paused');
    // The only slot there is takes another session, which comes to its end.
    const other = await start(bash('1', 'ls'));
    await runs.reaches(other.id, 'completed');
    expect((await runs.session(session.id)).status).toBe('paused');
    await decide(first.id, 'approve');
    const second = await pending(session, 'README.md');
    expect(decisions(session)).toEqual([[{ decision: 'allow' }, { decision: 'allow' }]]);
    await decide(second.id, 'reject', 'it is not yours');
    const third = await pending(session, 'rm -rf buil');
    expect(third.digest).not.toBe(first.digest);
    await decide(third.id, 'reject');
    // What was approved passes once: the same call is held again.
    const fourth = await pending(session, 'rm -rf build');
    expect([fourth.digest, fourth.id === first.id]).toEqual([first.digest, false]);
    await decide(fourth.id, 'approve');
    await runs.reaches(session.id, 'completed');
    expect(decisions(session)?.[0]).toEqual([
      { decision: 'allow' },
      { decision: 'allow' },
      { decision: 'deny', reason: expect.stringContaining('was rejected by ann: it is not yours') },
      { decision: 'deny', reason: expect.stringContaining('was rejected by ann') },
      { decision: 'deny', reason: expect.stringContaining('Refused by rule no-push') },
      { decision: 'allow' },
    ]);
    // Nothing was frozen: the process must get its answer.
    expect(runtime.runs.get(session.id)?.[0]?.pauses).toBe(0);
    const events = await runs.events(session.id);
    expect(events.filter(({ type }) => type === 'permission').map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ callId: '2', decision: 'allow', decidedBy: 'ann' }),
      expect.objectContaining({ callId: '3', decision: 'deny', decidedBy: 'ann' }),
      expect.objectContaining({ callId: '4', decision: 'deny', decidedBy: 'ann' }),
      expect.objectContaining({ callId: '5', decision: 'deny' }),
      expect.objectContaining({ callId: '6', decision: 'allow', decidedBy: 'ann' }),
    ]);
    const warned = events.filter(({ payload }) => (payload as { phase?: string }).phase === 'policy_warning');
    expect(warned.map(({ payload }) => (payload as { detail: object }).detail)).toEqual([
      expect.objectContaining({ callId: '1', rule: expect.objectContaining({ ruleId: 'look' }) }),
    ]);
    const { pausedSeconds } = await runs.core.sessions.metrics(runs.projectId, session.id);
    expect(pausedSeconds).toBeGreaterThan(0);
  });

  test('edited arguments are what acts, unless a policy denies them', async () => {
    const session = await start(bash('1', 'rm -rf /'), bash('2', 'rm -rf *'));
    const edit = async (what: string, command: string) =>
      runs.core.approvals.editAndApprove(
        runs.projectId,
        (await pending(session, what)).id,
        { arguments: { command } },
        ann,
      );
    await edit('rm -rf /', 'rm -rf build');
    await edit('rm -rf *', 'git push');
    await runs.reaches(session.id, 'completed');
    expect(decisions(session)?.[0]).toEqual([
      { decision: 'allow', arguments: { command: 'rm -rf build' } },
      { decision: 'deny', reason: expect.stringContaining('edited to what rule no-push') },
    ]);
  });

  test('a pause that somebody makes while people are asked is not lifted by their answer', async () => {
    const session = await start(bash('1', 'rm -rf one'), bash('2', 'ls'));
    const asked = await pending(session, 'rm -rf one');
    await runs.reaches(session.id, 'paused');
    await runs.core.sessions.pause(runs.projectId, session.id, 'olga');
    await decide(asked.id, 'approve');
    await expect.poll(() => decisions(session)?.[0], soon).toEqual([{ decision: 'allow' }]);
    const run = runtime.runs.get(session.id)?.[0];
    expect([(await runs.session(session.id)).status, run?.pauses]).toEqual(['paused', 1]);
    await runs.core.sessions.resume(runs.projectId, session.id, 'olga');
    await runs.reaches(session.id, 'completed');
    expect(decisions(session)?.[0]).toEqual([{ decision: 'allow' }, { decision: 'allow' }]);
  });

  test('what a runtime asks for outside of the workspace is asked of people, and inside it is allowed', async () => {
    const outside = (permissionId: string, pattern: string, callId: string | null = null): PermissionRequest => ({
      permissionId,
      kind: 'external_directory',
      title: `external_directory: ${pattern}`,
      patterns: [pattern],
      callId,
      metadata: {},
    });
    const session = await start(
      { ...outside('p1', 'src/a.ts'), kind: 'edit' },
      outside('p2', '/etc/*'),
      outside('p3', '/usr/*'),
      bash('4', 'rm -rf /opt/x'),
      outside('p5', '/opt/*', '4'),
    );
    const first = await pending(session, '/etc/*');
    expect(first).toMatchObject({ tool: 'external_directory', arguments: { patterns: ['/etc/*'] } });
    await decide(first.id, 'approve');
    await decide((await pending(session, '/usr/*')).id, 'reject');
    // Of a call that was let pass as a whole its permissions are not asked about once more.
    await decide((await pending(session, 'rm -rf /opt/x')).id, 'approve');
    await runs.reaches(session.id, 'completed');
    expect(decisions(session)?.[0]).toEqual(['allow', 'allow', 'deny', { decision: 'allow' }, 'allow']);
  });

  test('a cancelled session waits no more, and nobody is asked for it', async () => {
    const session = await start(bash('1', 'rm -rf cancelled'));
    const asked = await pending(session, 'cancelled');
    await runs.reaches(session.id, 'paused');
    await runs.core.sessions.cancel(runs.projectId, session.id, 'me');
    await expect.poll(() => decisions(session)?.[0]?.[0], soon).toMatchObject({ decision: 'deny' });
    await runs.core.approvals.lookAfter();
    expect((await runs.core.approvals.get(runs.projectId, asked.id)).status).toBe('withdrawn');
    expect((await runs.session(session.id)).status).toBe('cancelled');
  });
});

test('nobody answers as long as the process may wait: it is ended, and goes on with the answer, which costs no retry', async () => {
  const call = bash('1', 'rm -rf parked');
  const runtime = new AskingRuntime(() => [call]);
  const runs = await openRuns(firstBackend(), { runtimes: [runtime], policies });
  try {
    runs.newRunner({ holdSeconds: 0.2 }).start();
    const session = await runs.script('', { runtime: 'opencode', command: undefined, maxRetries: 0 } as object);
    await runs.reaches(session.id, 'orphaned');
    const [asked] = (await runs.core.approvals.list(runs.projectId)).items;
    expect(asked).toMatchObject({ status: 'pending', sessionId: session.id });
    await runs.core.approvals.decide(runs.projectId, asked?.id ?? '', { verdict: 'approve', reason: 'go' }, ann);
    expect(await runs.reaches(session.id, 'completed')).toMatchObject({ attempt: 2, maxRetries: 1 });
    const [, second] = runtime.runs.get(session.id) ?? [];
    expect(second?.decisions).toEqual([{ decision: 'allow' }]);
    expect(second?.prompt).toContain('ann has approved it (go). Make exactly the same call again');
    const [used, ...more] = (await runs.core.approvals.list(runs.projectId)).items;
    expect([used?.id, used?.usedAt !== null, more.length]).toEqual([asked?.id, true, 0]);
  } finally {
    await runs.close();
  }
});

test('its server stops while people are asked: the answer starts the session again, which is told, and uses it up', async () => {
  const runtime = new AskingRuntime(() => [bash('1', 'rm -rf stopped')]);
  const runs = await openRuns(firstBackend(), { runtimes: [runtime], policies });
  try {
    const { sessions, approvals } = runs.core;
    runs.runner.start();
    const waiting = async () => {
      const { id } = await runs.script('', { runtime: 'opencode', command: undefined, maxRetries: 0 } as object);
      await runs.reaches(id, 'paused');
      const { items } = await approvals.list(runs.projectId);
      return { id, asked: items.find(({ sessionId }) => sessionId === id)?.id ?? '' };
    };
    const [answered, paused] = [await waiting(), await waiting()];
    await sessions.pause(runs.projectId, paused.id, 'olga');
    await runs.runner.stop('stop');
    expect((await runs.session(answered.id)).status).toBe('orphaned');
    // Nothing of that is an answer.
    const { version } = await runs.session(answered.id);
    await sessions.update(runs.projectId, answered.id, { title: 'Waits' }, 'olga', { version });
    await approvals.decide(runs.projectId, answered.asked, { verdict: 'approve', reason: 'go' }, ann);
    await approvals.decide(runs.projectId, paused.asked, { verdict: 'approve' }, ann);
    expect(await runs.session(answered.id)).toMatchObject({ status: 'queued', attempt: 2, maxRetries: 1 });
    // Somebody had paused it: that outlasts the answer.
    expect(await runs.session(paused.id)).toMatchObject({ status: 'orphaned', attempt: 1 });
    runs.newRunner().start();
    await runs.reaches(answered.id, 'completed');
    const second = runtime.runs.get(answered.id)?.[1];
    expect(second?.decisions).toEqual([{ decision: 'allow' }]);
    expect(second?.prompt).toContain('ann has approved it (go). Make exactly the same call again');
    expect((await approvals.get(runs.projectId, answered.asked)).usedAt).not.toBeNull();
  } finally {
    await runs.close();
  }
});

test('what was decided before anybody knew that its server had died lets the session go on once that is known', async () => {
  const runs = await openRuns(firstBackend(), { runtimes: [new AskingRuntime(() => [])], policies });
  try {
    const { sessions, approvals, tasks } = runs.core;
    const claim = () =>
      tasks.claimOfAllProjects({
        agent: 'doomed',
        queues: ['sessions'],
        types: ['session.run'],
        able: [],
        limit: 1,
        leaseSeconds: 1,
      });
    const claimed = async () => {
      const { id } = await runs.script('', { runtime: 'opencode', command: undefined } as object);
      expect((await claim())[0]?.sessionId).toBe(id);
      await sessions.begin(runs.projectId, id, 'doomed');
      return id;
    };
    const ask = async (id: string, command: string) =>
      approvals.request(runs.projectId, { sessionId: id, tool: 'bash', arguments: { command } }, 'doomed');
    const told = await claimed();
    await approvals.decide(runs.projectId, (await ask(told, 'rm a')).id, { verdict: 'reject', reason: 'told' }, ann);
    const asked = await ask(told, 'rm b');
    await sessions.hold(runs.projectId, told, 'doomed');
    await approvals.decide(runs.projectId, asked.id, { verdict: 'reject', reason: 'never' }, ann);
    const open = await claimed();
    await ask(open, 'rm c');
    await sessions.hold(runs.projectId, open, 'doomed');
    const reaped = async () => {
      await reapLostRuns(runs.core);
      return (await runs.session(open)).status;
    };
    await expect.poll(reaped, soon).toBe('orphaned');
    expect(await runs.session(told)).toMatchObject({ status: 'queued', attempt: 2 });
    const answer = (await claim())[0]?.payload.answer;
    expect(answer).toContain('rejected it (never)');
    expect(answer).not.toContain('told');
  } finally {
    await runs.close();
  }
});

test('whatever is decided, a session whose server died stays orphaned where it says so', async () => {
  const runs = await openRuns(firstBackend(), { runtimes: [new AskingRuntime(() => [])], policies });
  try {
    const { id } = await runs.script('', { runtime: 'opencode', command: undefined } as object);
    const { sessions, approvals } = runs.core;
    await sessions.begin(runs.projectId, id, 'doomed');
    await sessions.orphan(runs.projectId, id, 'scheduler');
    const asked = { sessionId: id, tool: 'bash', arguments: { command: 'rm -rf dist' } };
    const { id: asking } = await approvals.request(runs.projectId, asked, 'agent');
    await approvals.decide(runs.projectId, asking, { verdict: 'approve' }, ann);
    expect(await runs.session(id)).toMatchObject({ status: 'orphaned', attempt: 1 });
  } finally {
    await runs.close();
  }
});

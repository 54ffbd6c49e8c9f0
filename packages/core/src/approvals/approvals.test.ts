import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../platform/database/index.ts';
import { idsFrom } from '../platform/ids/ids.ts';
import { TaskQueue } from '../tasks/index.ts';
import {
  describeOnBackends,
  insertTestProject,
  insertTestSession,
  ManualClock,
  type TestDatabase,
} from '../testing/index.ts';
import type { Approver } from './approval.ts';
import { Approvals } from './index.ts';

const key = Buffer.alloc(32, 7);
const approver = (name: string): Approver => ({ actor: name, name, role: 'approver' });
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );
const sql = (text: string) => statement('', text);

describeOnBackends('approvals', (backend) => {
  let opened: TestDatabase;
  let clock: ManualClock;
  let approvals: Approvals;
  let tasks: TaskQueue;
  let projectId: string;
  let sessionId: string;
  let calls = 0;

  beforeAll(async () => {
    opened = await backend.open();
    clock = new ManualClock();
    tasks = new TaskQueue({ database: opened.database, ids: idsFrom(clock) });
    approvals = new Approvals({ database: opened.database, clock, ids: idsFrom(clock), key, tasks });
    projectId = await insertTestProject(opened.database);
    sessionId = await insertTestSession(opened.database, projectId);
    await opened.database.query(sql(`UPDATE sessions SET created_by = 'carl', version = version + 1 WHERE id = $1`), [
      sessionId,
    ]);
  });
  afterAll(() => opened.close());

  const call = (command = `make ${++calls}`, more: object = {}) => ({
    sessionId,
    tool: 'bash',
    workingDirectory: '/repository',
    arguments: { command, ...more },
  });
  const ask = (terms: object = {}, asked: object = call()) =>
    approvals.request(projectId, { ...asked, terms }, 'opencode');
  const audited = async (id: string) =>
    (
      await opened.database.query<{ action: string; actor: string }>(
        sql('SELECT action, actor FROM audit_events WHERE subject_id = $1 ORDER BY at, id'),
        [id],
      )
    ).map(({ action, actor }) => `${actor} ${action}`);

  test('asked, approved by somebody for a reason, used once: each audited and told to the feed', async () => {
    const made = await ask({ reason: 'deletes things' }, call('rm -rf build'));
    expect(made).toMatchObject({
      status: 'pending',
      subject: 'tool_call',
      summary: 'bash: rm -rf build',
      why: 'deletes things',
      requestedBy: 'opencode',
      expiresAt: new Date(clock.now().getTime() + 86_400_000).toISOString(),
    });
    expect(made.digest).toBe(
      approvals.digestOf({ projectId, subject: 'tool_call', taskId: null, ...call('rm -rf build') }),
    );
    expect(await approvals.use(projectId, sessionId, made.digest)).toBeNull();
    const done = await approvals.decide(
      projectId,
      made.id,
      { verdict: 'approve', reason: 'it is only build' },
      approver('ann'),
    );
    expect(done).toMatchObject({
      status: 'approved',
      approvals: 1,
      decidedBy: 'ann',
      reason: 'it is only build',
      decidedAt: clock.now().toISOString(),
      usedAt: null,
    });
    const uses = await Promise.all(
      [1, 2, 3, 4, 5].map(() => approvals.use(projectId, sessionId, made.digest, 'opencode')),
    );
    expect(uses.filter((used) => used !== null)).toEqual([expect.objectContaining({ id: made.id })]);
    expect(await approvals.use(projectId, sessionId, made.digest)).toBeNull();
    expect(await audited(made.id)).toEqual([
      'opencode approval.request',
      'ann approval.approve',
      'opencode approval.use',
    ]);
    const feed = await opened.database.query<{ change: string }>(
      sql(
        `SELECT payload ->> 'change' AS change FROM feed_entries WHERE topic = 'approval' AND payload ->> 'approvalId' = $1`,
      ),
      [made.id],
    );
    expect(feed.map(({ change }) => change).sort()).toEqual(['decided', 'requested', 'used']);
  });

  test('one hundred decide at once: one does, ninety-nine are told who did', async () => {
    const { id } = await ask();
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        approvals.decide(projectId, id, { verdict: n % 2 === 0 ? 'approve' : 'reject' }, approver(`person ${n}`)),
      ),
    );
    const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect([won.length, lost.length]).toEqual([1, 99]);
    const { status, decidedBy } = won[0] ?? {};
    for (const error of lost)
      expect(error).toMatchObject({ code: 'APPROVAL_DECIDED', details: { id, status, by: decidedBy } });
    const { votes, ...stands } = await approvals.get(projectId, id);
    expect(stands).toMatchObject({ status, decidedBy });
    expect(votes).toEqual([expect.objectContaining({ actor: decidedBy })]);
    expect((await audited(id)).length).toBe(2);
  });

  test('the same question is asked once at a time, other arguments are another question', async () => {
    const asked = call('rm -rf dist');
    const [one, two] = await Promise.all([ask({}, asked), ask({}, { ...asked, callId: 'again' })]);
    expect(two?.id).toBe(one?.id);
    expect((await ask({}, call('rm -rf dist '))).id).not.toBe(one?.id);
    await approvals.decide(projectId, one?.id ?? '', { verdict: 'reject' }, approver('ann'));
    expect((await ask({}, asked)).id).not.toBe(one?.id);
    expect(await approvals.use(projectId, sessionId, one?.digest ?? '')).toBeNull();
  });

  test('answered by its roles only, and neither by who asked nor by who created the session', async () => {
    const { id } = await ask({ roles: ['operator'] });
    const approve = (by: Approver) => codeOf(approvals.decide(projectId, id, { verdict: 'approve' }, by));
    expect(await approve(approver('ann'))).toBe('APPROVAL_ROLE');
    expect(await approve({ actor: 'carl', name: 'carl', role: 'admin' })).toBe('APPROVAL_OWN');
    expect(await approve({ actor: 'opencode', name: 'opencode', role: 'admin' })).toBe('APPROVAL_OWN');
    expect((await approvals.get(projectId, id)).status).toBe('pending');
    expect(await approve({ actor: 'olga', name: 'olga', role: 'operator' })).toBe('done');
  });

  test('a quorum takes different people, and one rejection ends it', async () => {
    const { id } = await ask({ quorum: 2 });
    const answer = (name: string, verdict: 'approve' | 'reject' = 'approve', approval = id) =>
      approvals.decide(projectId, approval, { verdict }, approver(name));
    expect(await answer('ann')).toMatchObject({ status: 'pending', approvals: 1 });
    expect(await codeOf(answer('ann'))).toBe('APPROVAL_VOTED');
    expect(await answer('ben')).toMatchObject({ status: 'approved', approvals: 2, decidedBy: 'ben' });
    const other = await ask({ quorum: 3 });
    const many = await Promise.all(['ann', 'ben', 'eve'].map((name) => answer(name, 'approve', other.id)));
    expect(many.map(({ status }) => status).sort()).toEqual(['approved', 'pending', 'pending']);
    const third = await ask({ quorum: 2 });
    await answer('ann', 'approve', third.id);
    expect(await answer('ben', 'reject', third.id)).toMatchObject({ status: 'rejected', decidedBy: 'ben' });
  });

  test('edited and approved: other arguments, another digest, good for once by either', async () => {
    const made = await ask({}, call('rm -rf /', { token: 'hunter2-hunter2' }));
    expect(JSON.stringify(made)).not.toContain('hunter2');
    const edit = (edited: object) =>
      approvals.editAndApprove(projectId, made.id, { arguments: edited as typeof made.arguments }, approver('ann'));
    expect(await codeOf(edit({ command: 'x', password: 'my-own-secret' }))).toBe('VALIDATION_FAILED');
    expect(await codeOf(edit({ command: 'x [redacted]' }))).toBe('VALIDATION_FAILED');
    const edited = { command: 'rm -rf build', token: '[redacted]' };
    const done = await edit(edited);
    expect(done).toMatchObject({
      status: 'approved',
      digest: made.digest,
      editedArguments: edited,
      arguments: made.arguments,
    });
    expect(done.editedDigest).toBe(
      approvals.digestOf({
        projectId,
        subject: 'tool_call',
        taskId: null,
        ...call('rm -rf build', { token: '[redacted]' }),
      }),
    );
    expect(done.editedDigest).not.toBe(made.digest);
    const uses = [
      await approvals.use(projectId, sessionId, done.editedDigest ?? ''),
      await approvals.use(projectId, sessionId, made.digest),
    ];
    expect(uses.map((used) => used?.id ?? null)).toEqual([made.id, null]);
    const shared = await ask({ quorum: 2 });
    const partly = approvals.editAndApprove(projectId, shared.id, { arguments: {} }, approver('ann'));
    expect(await codeOf(partly)).toBe('VALIDATION_FAILED');
  });

  test('withdrawn by who asked or an operator, commented by anybody, at the version one has seen', async () => {
    const { id, version } = await ask();
    const comment = await approvals.comment(projectId, id, 'is that the old build? password=hunter2hunter2', 'vera');
    expect(comment).toMatchObject({ actor: 'vera', text: 'is that the old build? password=[redacted]' });
    expect((await approvals.get(projectId, id)).comments).toEqual([comment]);
    expect(await codeOf(approvals.withdraw(projectId, id, {}, approver('ann')))).toBe('APPROVAL_NOT_YOURS');
    const olga: Approver = { actor: 'olga', name: 'olga', role: 'operator' };
    expect(await codeOf(approvals.withdraw(projectId, id, { version: version + 1 }, olga))).toBe('OPTIMISTIC_LOCK');
    expect(await approvals.withdraw(projectId, id, { reason: 'not needed' }, olga)).toMatchObject({
      status: 'withdrawn',
      decidedBy: 'olga',
      reason: 'not needed',
    });
    expect(await codeOf(approvals.decide(projectId, id, { verdict: 'approve' }, approver('ann')))).toBe(
      'APPROVAL_DECIDED',
    );
  });

  test('reminds, escalates to more roles, and denies when its time is over, though nobody looks', async () => {
    const { id } = await ask({
      roles: ['admin'],
      timeoutSeconds: 100,
      remindAfterSeconds: 10,
      escalateAfterSeconds: 50,
      escalateTo: ['approver'],
    });
    const lateOne = await ask({ timeoutSeconds: 100 });
    const answer = (approval: string) =>
      codeOf(approvals.decide(projectId, approval, { verdict: 'approve' }, approver('ann')));
    await clock.advance(10_000);
    await approvals.lookAfter();
    expect(await approvals.get(projectId, id)).toMatchObject({
      remindedAt: clock.now().toISOString(),
      escalatedAt: null,
    });
    expect(await answer(id)).toBe('APPROVAL_ROLE');
    await clock.advance(40_000);
    // A new process over the same database goes on where the old one was.
    const restarted = new Approvals({ database: opened.database, clock, ids: idsFrom(clock), key, tasks });
    await restarted.lookAfter();
    expect(await approvals.get(projectId, id)).toMatchObject({ status: 'pending', roles: ['approver', 'admin'] });
    await clock.advance(49_999);
    await restarted.lookAfter();
    expect((await approvals.get(projectId, id)).status).toBe('pending');
    await clock.advance(1);
    expect(await answer(lateOne.id)).toBe('APPROVAL_DECIDED');
    expect((await approvals.get(projectId, lateOne.id)).status).toBe('expired');
    await restarted.lookAfter();
    expect(await approvals.get(projectId, id)).toMatchObject({ status: 'expired', decidedBy: 'system' });
    expect(await audited(id)).toEqual([
      'opencode approval.request',
      'system approval.remind',
      'system approval.escalate',
      'system approval.expire',
    ]);
  });

  test('waits until it is decided, or until nobody wants to know', async () => {
    const { id } = await ask();
    const gone = new AbortController();
    const waits = [
      approvals.waitFor(projectId, id, new AbortController().signal),
      approvals.waitFor(projectId, id, gone.signal),
    ];
    gone.abort();
    expect((await waits[1])?.status).toBe('pending');
    await approvals.decide(projectId, id, { verdict: 'reject', reason: 'no' }, approver('ann'));
    expect(await waits[0]).toMatchObject({ status: 'rejected', reason: 'no' });
  });

  test('what nobody waits for any more is withdrawn', async () => {
    const other = await insertTestSession(opened.database, projectId);
    const { id } = await ask({}, { ...call(), sessionId: other });
    await opened.database.query(sql(`UPDATE sessions SET status = 'cancelled', version = version + 1 WHERE id = $1`), [
      other,
    ]);
    await approvals.lookAfter();
    expect(await approvals.get(projectId, id)).toMatchObject({ status: 'withdrawn', decidedBy: 'system' });
  });

  test('a task that needs an approval does not run before it, and not at all without', async () => {
    const claim = async () =>
      (
        await tasks.claim(projectId, {
          agent: 'worker',
          queues: ['default'],
          types: null,
          able: [],
          limit: 10,
          leaseSeconds: 60,
        })
      ).map((one) => one.taskId);
    const statusOf = async (id: string | null) => (await tasks.get(projectId, id ?? '')).status;
    const askFor = (to: string) =>
      approvals.requestTask(projectId, { task: { type: 'deploy', payload: { to } } }, 'carl');
    const [live, test, late, dropped] = [
      await askFor('live'),
      await askFor('test'),
      await askFor('late'),
      await askFor('dropped'),
    ];
    expect(live).toMatchObject({
      subject: 'task',
      status: 'pending',
      arguments: { type: 'deploy', payload: { to: 'live' } },
    });
    expect([await statusOf(live.taskId), await claim()]).toEqual(['held', []]);
    await approvals.decide(projectId, live.id, { verdict: 'approve' }, approver('ann'));
    expect(await claim()).toEqual([live.taskId]);
    await approvals.decide(projectId, test.id, { verdict: 'reject' }, approver('ann'));
    await tasks.cancel(projectId, dropped.taskId ?? '', 'carl');
    await clock.advance(86_400_000);
    while ((await approvals.lookAfter()) > 0);
    expect(await Promise.all([test, late, dropped].map(({ taskId }) => statusOf(taskId)))).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
    expect((await approvals.get(projectId, late.id)).status).toBe('expired');
    expect(await claim()).toEqual([]);
    // What somebody works on already cannot be held back, and nothing is asked then.
    const before = (await approvals.list(projectId)).total;
    const tooLate = approvals.request(projectId, { subject: 'task', taskId: live.taskId }, 'carl');
    expect([await codeOf(tooLate), (await approvals.list(projectId)).total]).toEqual([
      'TASK_INVALID_TRANSITION',
      before,
    ]);
    const { taskId } = await tasks.enqueue(projectId, { type: 'deploy', payload: { to: 'queued' } });
    const asked = await approvals.request(
      projectId,
      { subject: 'task', taskId, arguments: { to: 'something else' } },
      'carl',
    );
    expect([await statusOf(taskId), await claim()]).toEqual(['held', []]);
    expect(asked.arguments).toMatchObject({ payload: { to: 'queued' } });
  });

  test('nothing of it can be had from another project', async () => {
    const { id, digest } = await ask();
    const elsewhere = await insertTestProject(opened.database);
    expect((await approvals.list(elsewhere)).total).toBe(0);
    const attempts = [
      () => approvals.get(elsewhere, id),
      () => approvals.decide(elsewhere, id, { verdict: 'approve' }, approver('ann')),
      () => approvals.comment(elsewhere, id, 'x', 'ann'),
    ];
    for (const attempt of attempts) expect(await codeOf(attempt())).toBe('APPROVAL_NOT_FOUND');
    expect(await codeOf(approvals.request(elsewhere, call(), 'x'))).toBe('APPROVAL_SUBJECT_NOT_FOUND');
    await approvals.decide(projectId, id, { verdict: 'approve' }, approver('ann'));
    expect(await approvals.use(elsewhere, sessionId, digest)).toBeNull();
    const page = await approvals.list(projectId, { filters: [], sortBy: 'requestedAt' });
    expect(page.items.every((one) => one.projectId === projectId)).toBe(true);
  });

  test('the database itself refuses to change what was asked, decided or used', async () => {
    const { id, digest } = await ask();
    const change = (set: string) =>
      opened.database.query(sql(`UPDATE approvals SET ${set}, version = version + 1 WHERE id = $1`), [id]).then(
        () => 'done',
        () => 'refused',
      );
    expect(await change(`digest = repeat('0', 64)`)).toBe('refused');
    expect(await change(`arguments = '{}'`)).toBe('refused');
    expect(await change(`used_at = now()`)).toBe('refused');
    await approvals.decide(projectId, id, { verdict: 'reject' }, approver('ann'));
    expect(await change(`status = 'approved'`)).toBe('refused');
    expect(await change(`status = 'pending', decided_at = NULL, decided_by = NULL`)).toBe('refused');
    const { id: other } = await ask({}, call());
    await approvals.decide(projectId, other, { verdict: 'approve' }, approver('ann'));
    const used = (await approvals.get(projectId, other)).digest;
    expect(used).not.toBe(digest);
    await approvals.use(projectId, sessionId, used);
    const again = sql('UPDATE approvals SET used_at = NULL, version = version + 1 WHERE id = $1');
    await expect(opened.database.query(again, [other])).rejects.toThrow();
  });
});

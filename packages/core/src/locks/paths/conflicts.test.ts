import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { setFence } from '../../journal/index.ts';
import { describeOnBackends } from '../../testing/index.ts';
import type { Conflicts, Writer } from './conflicts.ts';
import { DEFAULT_PATH_POLICY } from './path-policy.ts';
import { codeOf, openPathFixture, type PathFixture } from './testing/path-fixture.ts';

describeOnBackends('conflicts between sessions', (backend) => {
  let fixture: PathFixture;
  let conflicts: Conflicts;
  let tokens = 1000;

  beforeAll(async () => {
    fixture = await openPathFixture(backend, DEFAULT_PATH_POLICY);
    conflicts = fixture.core.conflicts;
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.newWorkspace().then(() => undefined));

  /** A session with a run, as its claim would make one. */
  async function writer(): Promise<Writer> {
    const { id } = await fixture.running();
    const runToken = ++tokens;
    await fixture.core.database.transaction((tx) => setFence(tx, fixture.projectId, id, runToken));
    return { workspaceId: fixture.workspaceId(), sessionId: id, runToken };
  }
  const writes = (by: Writer, ...paths: string[]) => conflicts.writes(fixture.projectId, by, paths);
  /** A call that names nothing, with what was found changed around it. */
  const shell = async (by: Writer, callId: string, meanwhile: () => Promise<void>, ...paths: string[]) => {
    await conflicts.opens(fixture.projectId, by, callId);
    await meanwhile();
    await conflicts.changed(fixture.projectId, by, callId, paths);
    await conflicts.closes(fixture.projectId, by, callId);
  };
  const nothing = async () => undefined;
  const claims = ({ sessionId }: Writer, ...paths: string[]) =>
    fixture.core.pathClaims.claim(fixture.projectId, { sessionId, paths, conflict: 'refuse' }, 'agent');
  const of = async ({ sessionId }: Writer) =>
    (await conflicts.list(fixture.projectId, { sortBy: 'path' }, sessionId)).items.map(({ kind, path, bySession }) => [
      kind,
      path,
      bySession,
    ]);
  const warnings = async ({ sessionId }: Writer) => {
    const { items } = await fixture.core.journal.read(fixture.projectId, sessionId, { limit: 1000 });
    return items
      .map(({ payload }) => payload as { phase?: string; detail?: Record<string, unknown> } | null)
      .filter((payload) => payload?.phase === 'conflict')
      .map((payload) => payload?.detail);
  };

  test('two that write the same path are told of each other, in journal, feed and list, and only once', async () => {
    const [a, b, c] = [await writer(), await writer(), await writer()];
    await writes(a, 'x', 'only-a');
    expect(await warnings(a)).toEqual([]);
    await writes(b, 'x', 'only-b');
    await writes(a, 'x');
    await writes(b, 'x');
    const [seen] = (await conflicts.list(fixture.projectId, {}, a.sessionId)).items;
    expect(seen).toMatchObject({ kind: 'touch', path: 'x', bySession: b.sessionId });
    expect(seen?.warnedAt).not.toBeNull();
    expect(seen?.lastSeenAt).not.toBe(seen?.firstSeenAt);
    const about = { conflictId: seen?.id, kind: 'touch', path: 'x', bySession: b.sessionId };
    expect(await warnings(a)).toEqual([{ ...about, otherSessionId: b.sessionId }]);
    expect(await warnings(b)).toEqual([{ ...about, otherSessionId: a.sessionId }]);
    expect(await warnings(c)).toEqual([]);
    const fed = await fixture.sql<{ payload: object }>(
      `SELECT payload FROM feed_entries WHERE topic = 'conflict' AND payload->>'conflictId' = $1`,
      [seen?.id],
    );
    expect(fed).toMatchObject([{ payload: { change: 'created', path: 'x', sessionIds: seen?.sessionIds } }]);
    // A third one conflicts with both.
    await writes(c, 'x');
    expect((await warnings(c)).map((one) => one?.otherSessionId).sort()).toEqual([a.sessionId, b.sessionId].sort());
  });

  test('of two that write at the very same time one sees the other', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await writer(), await writer()];
      await Promise.all([writes(a, `x${round}`, `y${round}`), writes(b, `y${round}`, `x${round}`)]);
      expect((await of(a)).map(([, path]) => path)).toEqual([`x${round}`, `y${round}`]);
      expect(await warnings(a)).toHaveLength(2);
      expect(await warnings(b)).toHaveLength(2);
    }
  });

  test('whoever has claimed a path writes it without a warning; whoever writes it all the same causes one', async () => {
    const [a, b] = [await writer(), await writer()];
    await writes(a, 'src/x');
    await claims(b, 'src/**');
    await writes(b, 'src/x');
    expect(await warnings(b)).toEqual([]);
    await writes(a, 'src/y');
    expect(await of(a)).toEqual([['claim', 'src/y', a.sessionId]]);
    expect(await warnings(b)).toMatchObject([{ kind: 'claim', path: 'src/y', otherSessionId: a.sessionId }]);
  });

  test('a session that is over is in nobody’s way, and a run that was taken away notes nothing', async () => {
    const [a, b, c] = [await writer(), await writer(), await writer()];
    await writes(a, 'x');
    await fixture.end(a.sessionId, 'completed');
    await writes(b, 'x');
    expect(await of(b)).toEqual([]);
    await writes({ ...c, runToken: c.runToken - 1 }, 'x');
    expect(await of(b)).toEqual([]);
    await writes(c, 'x');
    expect(await of(b)).toEqual([['touch', 'x', c.sessionId]]);
  });

  test('what a shell has changed counts as its session’s, unless another’s call names it or a shell of another is open', async () => {
    const [a, b] = [await writer(), await writer()];
    await writes(a, 'one');
    await shell(b, 'b1', nothing, 'one');
    expect(await of(b)).toEqual([['touch', 'one', b.sessionId]]);
    // Named by the other's call meanwhile: the other's doing, though it is found around this call.
    await shell(b, 'b2', () => writes(a, 'two'), 'two');
    expect((await of(b)).map(([, path]) => path)).toEqual(['one']);
    // Two shells at once: nobody knows whose it is.
    await writes(a, 'three');
    await shell(b, 'b3', () => shell(a, 'a3', nothing, 'three'), 'three');
    expect((await of(b)).map(([, path]) => path)).toEqual(['one']);
    // One after the other it is known.
    await shell(a, 'a4', nothing, 'four');
    await shell(b, 'b4', nothing, 'four');
    expect((await of(b)).map(([, path]) => path)).toEqual(['four', 'one']);
  });

  test('what a shell has done to a claimed path is a conflict, unless its holder’s own shell may have done it', async () => {
    const [holder, a, b] = [await writer(), await writer(), await writer()];
    await claims(holder, 'kept/**');
    await shell(a, 'a1', () => shell(holder, 'h1', nothing, 'kept/x'), 'kept/x');
    expect(await of(holder)).toEqual([]);
    await shell(a, 'a2', nothing, 'kept/y', 'free');
    expect(await of(holder)).toEqual([['claim', 'kept/y', a.sessionId]]);
    // Of two shells at once one has done it: the holder is told, and may look.
    await shell(b, 'b1', () => shell(a, 'a3', nothing), 'kept/z');
    expect(await of(holder)).toContainEqual(['claim', 'kept/z', b.sessionId]);
  });

  test('a conflict whose finder died before it told is told by the next round; who is gone is not told', async () => {
    const [a, b] = [await writer(), await writer()];
    await writes(a, 'x');
    await writes(b, 'x');
    const unwarned = (path: string) =>
      fixture.sql(
        `INSERT INTO conflicts (id, project_id, workspace_id, path, kind, session_a, session_b, by_session, first_seen_at, last_seen_at)
         SELECT gen_random_uuid(), project_id, workspace_id, $1, kind, session_a, session_b, by_session, now(), now()
         FROM conflicts WHERE session_a IN ($2, $3) AND session_b IN ($2, $3) AND path = 'x'`,
        [path, a.sessionId, b.sessionId],
      );
    await unwarned('late');
    expect(await conflicts.warnPending()).toBe(1);
    expect(await conflicts.warnPending()).toBe(0);
    expect((await warnings(a)).map((one) => one?.path)).toEqual(['x', 'late']);
    await unwarned('later');
    await fixture.end(b.sessionId, 'expired');
    expect(await conflicts.warnPending()).toBe(1);
    expect((await warnings(a)).map((one) => one?.path)).toEqual(['x', 'late', 'later']);
  });

  test('an acknowledgement is kept with its name, audited and told of; the first one counts', async () => {
    const [a, b] = [await writer(), await writer()];
    await writes(a, 'x');
    await writes(b, 'x');
    const [{ id } = { id: '' }] = (await conflicts.list(fixture.projectId, {}, a.sessionId)).items;
    const done = await conflicts.acknowledge(fixture.projectId, id, 'ann');
    expect(done.acknowledgedBy).toBe('ann');
    expect(await conflicts.acknowledge(fixture.projectId, id, 'bob')).toEqual(done);
    const audit = await fixture.sql('SELECT actor, action FROM audit_events WHERE subject_id = $1', [id]);
    expect(audit).toEqual([{ actor: 'ann', action: 'conflict.acknowledge' }]);
    const { id: other } = await fixture.core.projects.create({ slug: `other-${a.runToken}` }, 'me');
    expect(await codeOf(conflicts.get(other, id))).toBe('CONFLICT_NOT_FOUND');
    expect(await codeOf(conflicts.acknowledge(other, id, 'eve'))).toBe('CONFLICT_NOT_FOUND');
  });
});

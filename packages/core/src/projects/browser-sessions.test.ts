import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, ManualClock, type TestDatabase } from '../testing/index.ts';
import { ApiKeys, BrowserSessions, Projects } from './index.ts';

const HOUR = 3_600_000;

describeOnBackends('browser sessions', (backend) => {
  let opened: TestDatabase;
  let keys: ApiKeys;
  let sessions: BrowserSessions;
  let clock: ManualClock;
  let projectId: string;
  let otherId: string;

  beforeAll(async () => {
    opened = await backend.open();
    clock = new ManualClock();
    const parts = { database: opened.database, clock, ids: systemIds };
    const projects = new Projects(parts);
    keys = new ApiKeys(parts);
    sessions = new BrowserSessions(parts);
    projectId = (await projects.ensureDefault()).id;
    otherId = (await projects.create({ slug: 'other' }, 'me')).id;
  });
  afterAll(() => opened.close());

  const query = <Row>(text: string) => opened.database.query<Row>(statement('test.browser_sessions', text));
  const keyNamed = (name: string) => keys.create(projectId, { name, role: 'operator' }, 'me');
  const live = async (secret: string) => (await sessions.authenticate(secret)) !== null;

  test('one is opened with a key and acts as it; what the cookie holds is nowhere in the database', async () => {
    const { key, secret: keySecret } = await keyNamed('ada');
    const { session, secret } = await sessions.open(projectId, keySecret);
    expect(await sessions.authenticate(secret)).toEqual(session);
    expect(session).toMatchObject({ projectId, keyId: key.id, keyName: 'ada', role: 'operator' });
    expect(await live(`${secret}x`)).toBe(false);
    expect(await live(keySecret)).toBe(false);
    const [kept] = await query<{ text: string }>(
      `SELECT (SELECT string_agg(s::text, ' ') FROM browser_sessions s) || (SELECT string_agg(a::text, ' ') FROM audit_events a) AS text`,
    );
    expect(kept?.text).toContain(session.id);
    expect(kept?.text).not.toContain(secret);
    for (const refused of [sessions.open(otherId, keySecret), sessions.open(projectId, 'sbx_unknown')])
      await expect(refused).rejects.toMatchObject({ code: 'BROWSER_SESSION_NEEDS_KEY' });
  });

  test('it is over after 7 days, and after 12 hours in which nothing was asked', async () => {
    const { secret: keySecret } = await keyNamed('eve');
    const { secret } = await sessions.open(projectId, keySecret);
    const idle = await sessions.open(projectId, keySecret);
    for (let asked = 0; asked < 15; asked += 1) {
      await clock.advance(11 * HOUR);
      expect([asked, await live(secret)]).toEqual([asked, true]);
    }
    expect(await live(idle.secret)).toBe(false);
    await clock.advance(11 * HOUR);
    expect(await live(secret)).toBe(false);
    // Opening another one removes what is over.
    const next = await sessions.open(projectId, keySecret);
    expect(await query(`SELECT id FROM browser_sessions`)).toEqual([{ id: next.session.id }]);
  });

  test('it ends with its key, and with the secret of the key that opened it', async () => {
    const { key, secret: first } = await keyNamed('mia');
    const old = await sessions.open(projectId, first);
    const { secret: second } = await keys.rotate(projectId, key.id, 1, { graceSeconds: 600 }, 'me');
    const young = await sessions.open(projectId, second);
    expect([await live(old.secret), await live(young.secret)]).toEqual([true, true]);
    const { key: rotated } = await keys.rotate(projectId, key.id, 2, { graceSeconds: 600 }, 'me');
    expect([await live(old.secret), await live(young.secret)]).toEqual([false, true]);
    await keys.revoke(projectId, key.id, rotated.version, 'me');
    expect(await live(young.secret)).toBe(false);
    expect(await query(`SELECT id FROM browser_sessions WHERE key_id = '${key.id}'`)).toEqual([]);

    const short = await keys.create(projectId, { name: 'short', expiresInSeconds: 60 }, 'me');
    const { secret } = await sessions.open(projectId, short.secret);
    await query(
      `UPDATE api_keys SET expires_at = now() - interval '1 second', version = version + 1 WHERE id = '${short.key.id}'`,
    );
    expect(await live(secret)).toBe(false);
  });

  test('who signs in anew in the same browser has the new one only, and what cannot be opened ends nothing', async () => {
    const { secret: keySecret } = await keyNamed('kim');
    const first = await sessions.open(projectId, keySecret);
    await expect(sessions.open(projectId, 'sbx_unknown', first.secret)).rejects.toMatchObject({
      code: 'BROWSER_SESSION_NEEDS_KEY',
    });
    expect(await live(first.secret)).toBe(true);
    const second = await sessions.open(projectId, keySecret, first.secret);
    expect([await live(first.secret), await live(second.secret)]).toEqual([false, true]);
    expect(
      await query(`SELECT action, actor FROM audit_events WHERE subject_id = '${first.session.id}' ORDER BY at, id`),
    ).toContainEqual({ action: 'browser_session.end', actor: 'kim' });
    expect(await live((await sessions.open(projectId, keySecret, 'of nobody')).secret)).toBe(true);
  });

  test('those that are live are listed, and each can be ended once, from its own project, on the record', async () => {
    const { secret: keySecret } = await keyNamed('zoe');
    const { session, secret } = await sessions.open(projectId, keySecret);
    const listed = async (id: string) => (await sessions.list(id, 1, 100)).items.map((item) => item.id);
    expect(await listed(projectId)).toContain(session.id);
    expect(await listed(otherId)).toEqual([]);
    const missing = { code: 'BROWSER_SESSION_NOT_FOUND' };
    await expect(sessions.end(otherId, session.id, 'me')).rejects.toMatchObject(missing);
    expect(await live(secret)).toBe(true);
    await sessions.end(projectId, session.id, 'boss');
    expect(await live(secret)).toBe(false);
    expect(await listed(projectId)).not.toContain(session.id);
    await expect(sessions.end(projectId, session.id, 'me')).rejects.toMatchObject(missing);
    expect(
      await query(`SELECT action, actor FROM audit_events WHERE subject_id = '${session.id}' ORDER BY at, id`),
    ).toEqual([
      { action: 'browser_session.open', actor: 'zoe' },
      { action: 'browser_session.end', actor: 'boss' },
    ]);
  });
});

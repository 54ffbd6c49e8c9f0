import { afterEach, beforeEach, expect, test } from 'vitest';
import { statement } from '../platform/database/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, ManualClock, type TestDatabase } from '../testing/index.ts';
import { ApiKeys, Projects, roleAllows } from './index.ts';

describeOnBackends('projects and keys', (backend) => {
  let opened: TestDatabase;
  let projects: Projects;
  let keys: ApiKeys;
  let clock: ManualClock;

  beforeEach(async () => {
    opened = await backend.open();
    projects = new Projects({ database: opened.database, ids: systemIds });
    clock = new ManualClock();
    keys = new ApiKeys({ database: opened.database, clock, ids: systemIds });
  });
  afterEach(() => opened.close());

  test('the default project is made once, however many ask', async () => {
    const made = await Promise.all([1, 2, 3].map(() => projects.ensureDefault()));
    expect(new Set(made.map((project) => project.id)).size).toBe(1);
    expect((await projects.list(1, 10)).total).toBe(1);
  });

  test('found by slug and by id; a taken slug is refused', async () => {
    const made = await projects.create({ slug: 'web', name: ' Web ' }, 'me');
    expect(made).toMatchObject({ slug: 'web', name: 'Web', version: 1 });
    expect(await projects.get('web')).toEqual(made);
    expect(await projects.get(made.id)).toEqual(made);
    await expect(projects.create({ slug: 'web' }, 'me')).rejects.toMatchObject({ code: 'PROJECT_EXISTS' });
    await expect(projects.get('nope')).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND', status: 404 });
  });

  test('of two updates from one version one wins', async () => {
    await projects.create({ slug: 'web' }, 'me');
    const results = await Promise.allSettled(['A', 'B'].map((name) => projects.update('web', 1, { name }, 'me')));
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = results.find((result) => result.status === 'rejected');
    expect(lost?.reason).toMatchObject({ code: 'OPTIMISTIC_LOCK', details: { expected: 2, received: 1 } });
  });

  test('a key authenticates until it is revoked or has expired, and its secret is nowhere in the database', async () => {
    const project = await projects.ensureDefault();
    const { key, secret } = await keys.create(project.id, { name: 'ci', role: 'operator' }, 'me');
    expect(await keys.authenticate(secret)).toMatchObject({ id: key.id, role: 'operator', projectId: project.id });
    expect(await keys.authenticate(`${secret}x`)).toBeNull();
    expect(await keys.authenticate('')).toBeNull();
    const [dump] = await opened.database.query<{ all: string }>(
      statement(
        'test.dump',
        `SELECT (SELECT string_agg(k::text, ' ') FROM api_keys k) || (SELECT string_agg(a::text, ' ') FROM audit_events a) AS all`,
      ),
    );
    expect(dump?.all).not.toContain(secret.slice(12));

    await expect(keys.revoke(project.id, key.id, 7, 'me')).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    expect((await keys.revoke(project.id, key.id, 1, 'me')).revokedAt).not.toBeNull();
    expect(await keys.authenticate(secret)).toBeNull();

    const short = await keys.create(project.id, { name: 'short', expiresInSeconds: 60 }, 'me');
    await opened.database.query(
      statement(
        'test.age',
        `UPDATE api_keys SET expires_at = now() - interval '1 second', version = version + 1 WHERE id = $1`,
      ),
      [short.key.id],
    );
    expect(await keys.authenticate(short.secret)).toBeNull();
  });

  test('a rotated key takes its new secret, and the old one for as long as that is granted; its uses are known', async () => {
    const project = await projects.ensureDefault();
    const { key, secret } = await keys.create(
      project.id,
      { name: 'ci', role: 'operator', expiresInSeconds: 3600 },
      'me',
    );
    expect(key).toMatchObject({ lastUsedAt: null, rotatedAt: null, previousUntil: null });
    const one = async () => (await keys.list(project.id, 1, 10)).items[0];
    const first = clock.now().toISOString();
    await keys.authenticate(secret);
    expect((await one())?.lastUsedAt).toBe(first);
    // Not noted with each use, but once a minute.
    await clock.advance(30_000);
    await keys.authenticate(secret);
    expect((await one())?.lastUsedAt).toBe(first);
    await clock.advance(31_000);
    await keys.authenticate(secret);
    expect(await one()).toMatchObject({ lastUsedAt: clock.now().toISOString(), version: 1 });

    const soft = await keys.rotate(project.id, key.id, 1, { graceSeconds: 600 }, 'me');
    expect(soft.key).toMatchObject({ id: key.id, version: 2, expiresAt: key.expiresAt, role: 'operator' });
    expect([soft.key.prefix === key.prefix, soft.key.previousUntil !== null]).toEqual([false, true]);
    for (const works of [secret, soft.secret]) expect((await keys.authenticate(works))?.id).toBe(key.id);
    await opened.database.query(
      statement('test.over', `UPDATE api_keys SET previous_until = now(), version = version + 1 WHERE id = $1`),
      [key.id],
    );
    expect([await keys.authenticate(secret), (await keys.authenticate(soft.secret))?.id]).toEqual([null, key.id]);

    const hard = await keys.rotate(project.id, key.id, 3, { expiresInSeconds: null }, 'me');
    expect(hard.key).toMatchObject({ expiresAt: null, previousUntil: null });
    expect([await keys.authenticate(soft.secret), (await keys.authenticate(hard.secret))?.id]).toEqual([null, key.id]);
    const rotate = (version: number, projectId = project.id) => keys.rotate(projectId, key.id, version, {}, 'me');
    await expect(rotate(3)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    const other = await projects.create({ slug: 'other' }, 'me');
    await expect(rotate(4, other.id)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await keys.revoke(project.id, key.id, 4, 'me');
    await expect(rotate(5)).rejects.toMatchObject({ code: 'KEY_REVOKED' });
    const [audited] = await opened.database.query<{ count: number }>(
      statement('test.audited', `SELECT count(*)::integer AS count FROM audit_events WHERE action = 'key.rotate'`),
    );
    expect(audited?.count).toBe(2);
  });

  test('a key of another project cannot be revoked', async () => {
    const mine = await projects.ensureDefault();
    const other = await projects.create({ slug: 'other' }, 'me');
    const { key } = await keys.create(mine.id, { name: 'k' }, 'me');
    await expect(keys.revoke(other.id, key.id, 1, 'me')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  });
});

test('roles allow what those before them may', () => {
  expect(roleAllows('operator', 'agent')).toBe(true);
  expect(roleAllows('viewer', 'agent')).toBe(false);
  expect(roleAllows('admin', 'admin')).toBe(true);
});

import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  importData,
  MIGRATIONS_TABLE,
  type PgDatabase,
  readArchiveHeader,
  SEEDED_TABLES,
  systemIds,
} from '@signalbox/core';
import { pgliteBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

const EXPORT = '/api/v1/system/export';
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A listening server on PGlite: streams and their ends are those of real connections. */
async function serve(environment: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-export-'));
  let source: TestDatabase | undefined;
  const backend = {
    ...pgliteBackend,
    open: async () => {
      source = await pgliteBackend.open();
      return source;
    },
  };
  const api = await openApi({ backend, environment: { SIGNALBOX_DATA_DIR: dataDir, ...environment } });
  opened.push(api);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
  if (!source) throw new Error('no database was opened');
  const left = () => readdirSync(dataDir).filter((name) => name.includes('archive'));
  return { api, url, database: source.database, dataDir, left };
}

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${EXPORT}`, { method: 'POST', headers });

const problemOf = async (answer: Response) => (await answer.json()) as { code: string; needed?: string[] };

/** Rows of every table that travels, as text. */
async function rowsOf(database: PgDatabase): Promise<Record<string, string[]>> {
  return database.withClient(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND relpersistence = 'p' AND relname <> $1 ORDER BY 1`,
      [MIGRATIONS_TABLE],
    );
    const all: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  });
}

async function fill(api: ApiHarness, sessions: number, promptLength = 10): Promise<void> {
  for (let number = 1; number <= sessions; number += 1) {
    // Random, so that it does not shrink to nothing.
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(promptLength))).toString('hex');
    const body = { title: `Exported work ${number}`, initialPrompt: noise };
    expect((await api.call('POST', '/api/v1/sessions', { body })).status).toBe(201);
  }
}

/** Fetches an export to its end; answers the status. */
async function whole(url: string): Promise<number> {
  const answer = await post(url);
  await answer.arrayBuffer();
  return answer.status;
}

/** Asks for an export and reads nothing of it. */
async function unread(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${EXPORT}`, { method: 'POST' }, resolve);
    asked.on('error', reject);
    asked.end();
  });
}

describe('an export over HTTP, on PGlite', () => {
  it('is an archive from which an empty database becomes equal row by row', async () => {
    const { api, url, database, left } = await serve();
    await fill(api, 3);
    await api.core.journal.drain();
    // Until the feed has given every row its position there is something that still changes.
    await expect.poll(() => api.core.feed.lag(), { timeout: 30_000 }).toMatchObject({ unplaced: 0 });
    const before = await rowsOf(database);
    const answer = await post(url, { 'x-signalbox-actor': 'mia' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip']);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(Number(answer.headers.get('content-length'))).toBe(bytes.length);
    expect(left()).toEqual([]);

    const file = join(mkdtempSync(join(tmpdir(), 'signalbox-fetched-')), 'all.archive');
    writeFileSync(file, bytes);
    expect((await readArchiveHeader(file)).revision.length).toBeGreaterThan(0);
    const target = await pgliteBackend.open();
    opened.push(target);
    const options = { migrationsTable: MIGRATIONS_TABLE, seeded: SEEDED_TABLES };
    const summary = await target.database.withClient((client) => importData(client, file, options));
    expect(await rowsOf(target.database)).toEqual(before);
    expect(before.sessions).toHaveLength(3);

    const { json } = await api.call('GET', '/api/v1/audit?action=system.export');
    expect(json.items).toEqual([
      expect.objectContaining({
        actor: 'mia',
        actorRole: 'admin',
        subjectId: 'test',
        details: {
          bytes: bytes.length,
          tables: summary.tables.length,
          rows: summary.tables.reduce((sum, { rows }) => sum + rows, 0),
        },
      }),
    ]);
  });

  it('is made one at a time; the next may come when its reader has gone, and no file is left', async () => {
    const { api, url, left } = await serve();
    await fill(api, 40, 50_000);
    const asked = unread(url);
    await expect.poll(left, { timeout: 30_000, interval: 1 }).toHaveLength(1);
    const second = await post(url);
    expect([second.status, (await problemOf(second)).code]).toEqual([409, 'EXPORT_IN_PROGRESS']);
    const first = await asked;
    expect([first.statusCode, left()]).toEqual([200, []]);
    first.destroy();
    await expect.poll(() => whole(url), { timeout: 60_000 }).toBe(200);
  });

  it('breaks off when its reader goes while it is made, and is then not recorded', async () => {
    const { api, url, left } = await serve();
    await fill(api, 40, 50_000);
    const leaving = new AbortController();
    const asked = fetch(`${url}${EXPORT}`, { method: 'POST', signal: leaving.signal });
    await expect.poll(left, { timeout: 30_000, interval: 1 }).toHaveLength(1);
    leaving.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    expect((await api.call('GET', '/api/v1/audit?action=system.export')).json.total).toBe(0);
    await expect.poll(() => whole(url), { timeout: 60_000 }).toBe(200);
  });

  it('takes away what a server left that was killed amid an export, and nothing else', async () => {
    const { url, dataDir, left } = await serve();
    const now = Date.now() / 1000;
    const file = (name: string, ageHours: number) => {
      writeFileSync(join(dataDir, name), 'x');
      utimesSync(join(dataDir, name), now, now - ageHours * 3600);
    };
    const [one, two, three] = [systemIds.uuid(), systemIds.uuid(), systemIds.uuid()];
    file(`.export-${one}.archive.partial`, 25);
    file(`.export-${two}.archive`, 25);
    // Of another node that shares the directory, and of a person.
    file(`.export-${three}.archive.partial`, 1);
    file('export-mine.archive', 25);
    expect(await whole(url)).toBe(200);
    expect(left().sort()).toEqual([`.export-${three}.archive.partial`, 'export-mine.archive']);
  });

  it('is for admins, and with a key bound to one project only where there is no other', async () => {
    const { api, url } = await serve({ SIGNALBOX_AUTH: 'required' });
    const { id } = await api.core.projects.get('default');
    const keyed = async (role: 'operator' | 'admin') => {
      const { secret } = await api.core.keys.create(id, { name: `${role} key`, role }, 'test');
      return { authorization: `Bearer ${secret}` };
    };
    const admin = await keyed('admin');
    const refused = await post(url, await keyed('operator'));
    expect([refused.status, (await problemOf(refused)).code]).toEqual([403, 'FORBIDDEN']);
    expect((await post(url)).status).toBe(401);
    expect((await (await post(url, admin)).arrayBuffer()).byteLength).toBeGreaterThan(0);
    await api.core.projects.create({ slug: 'elsewhere' }, 'test');
    const bound = await post(url, admin);
    expect([bound.status, (await problemOf(bound)).needed]).toEqual([403, ['admin of all projects']]);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { whySessionGone } from './session-storage.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-storage-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function write(name: string, statements: string): void {
  const database = new DatabaseSync(join(directory, name));
  database.exec(statements);
  database.close();
}

const TABLES = 'CREATE TABLE session (id text); CREATE TABLE message (id text, session_id text);';
const SESSION = `INSERT INTO session VALUES ('ses_1'), ('ses_2'); INSERT INTO message VALUES ('msg_1', 'ses_1');`;
const gone = (runtimeSessionId: string, messageId: string | null) =>
  whySessionGone(directory, { runtimeSessionId, messageId });

test('what is there can be gone on from; a session, a message, a database that is not there says so', async () => {
  expect(await gone('ses_1', null)).toContain('no sessions in');
  expect(await whySessionGone(join(directory, 'gone'), { runtimeSessionId: 'ses_1', messageId: null })).toContain(
    'no sessions in',
  );
  write('opencode.db', TABLES + SESSION);
  expect(await gone('ses_1', null)).toBeNull();
  expect(await gone('ses_1', 'msg_1')).toBeNull();
  expect(await gone('ses_3', null)).toContain('no session ses_3');
  expect(await gone('ses_2', 'msg_1')).toContain('no message msg_1');
});

test('the database of another channel counts, too, and of one that is built otherwise nothing is known', async () => {
  write('opencode.db', TABLES);
  expect(await gone('ses_1', 'msg_1')).toContain('no session ses_1');
  write('opencode-beta.db', TABLES + SESSION);
  expect(await gone('ses_1', 'msg_1')).toBeNull();
  await rm(join(directory, 'opencode-beta.db'));
  write('opencode-next.db', 'CREATE TABLE conversation (id text)');
  expect(await gone('ses_1', 'msg_1')).toBeNull();
});

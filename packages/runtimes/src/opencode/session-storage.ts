import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RuntimeSessionRef } from '@signalbox/core';

/** OpenCode's database; its preview releases put their channel behind the name. */
const DATABASE = /^opencode(-.+)?\.db$/;
/** How long another program may hold the database, in milliseconds. */
const BUSY_MS = 5_000;
const SESSION = 'SELECT 1 FROM session WHERE id = ?';
const MESSAGE = 'SELECT 1 FROM message WHERE id = ? AND session_id = ?';

/**
 * Why OpenCode could not go on from one of its sessions, or behind one of its messages; null where it could. Its database is
 * looked at directly, since starting the program takes seconds. Of a database that is built otherwise nothing is known:
 * then the run itself finds out.
 *
 * @param directory where OpenCode keeps its sessions.
 */
export async function whySessionGone(directory: string, ref: RuntimeSessionRef): Promise<string | null> {
  const files = (await namesIn(directory)).filter((name) => DATABASE.test(name));
  if (files.length === 0) return `OpenCode has no sessions in ${directory}`;
  const reasons = files.map((file) => whyNotIn(join(directory, file), ref));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
}

function whyNotIn(file: string, { runtimeSessionId, messageId }: RuntimeSessionRef): string | null {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    if (!database.prepare(SESSION).get(runtimeSessionId)) return `OpenCode has no session ${runtimeSessionId} any more`;
    if (messageId === null || database.prepare(MESSAGE).get(messageId, runtimeSessionId)) return null;
    return `its session ${runtimeSessionId} has no message ${messageId} any more`;
  } catch (error) {
    if (isOtherwiseBuilt(error)) return null;
    throw error;
  } finally {
    database.close();
  }
}

function isOtherwiseBuilt(error: unknown): boolean {
  return error instanceof Error && /^no such (table|column)/.test(error.message);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

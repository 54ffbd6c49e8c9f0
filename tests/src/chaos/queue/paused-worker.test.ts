import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Claim,
  type Core,
  type CreateSession,
  createCore,
  createLogger,
  reapLostRuns,
  SESSION_QUEUE,
  setFence,
} from '@signalbox/core';
import { insertTestProject, postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JsonProcess } from '../../processes/json-process.ts';
import type { Held, HolderAnswer, HolderCommand } from './paused-holder.ts';

const HOLDER = fileURLToPath(new URL('./paused-holder.ts', import.meta.url));
/** What a stopped process writes under its claim. */
const MARKS_TABLE = 'CREATE TABLE marks (task_id uuid NOT NULL, token bigint NOT NULL)';
const LEASE_SECONDS = 2;
const SOON = { timeout: 30_000, interval: 100 };
/** Longer than the lease by so much that no claim of it is left. */
const BEYOND_LEASE_MS = 3_500;
const KINDS: Held[] = ['plain', 'prefetched', 'run'];

type Claimed = Extract<HolderAnswer, { claimed: unknown }>['claimed'];

/*
 * The verbs themselves are single statements: the claim is checked by the statement that writes, in the server, which is not stopped when its
 * client is. A pause between check and commit can only be planted where a transaction of the client's own lies between them; that is the second half.
 */
describe('a worker paused beyond its lease', () => {
  let opened: TestDatabase;
  let core: Core;
  let projectId: string;
  let sessionId: string;
  const holders: JsonProcess<HolderCommand, HolderAnswer>[] = [];

  beforeEach(async () => {
    opened = await postgresBackend.open();
    const logger = createLogger({ level: 'fatal' });
    core = createCore({ database: opened.database, dataDir: '/nonexistent', nodeId: 'other', logger });
    core.start();
    await sql(MARKS_TABLE);
    projectId = await insertTestProject(opened.database);
    const workspaceId = (await core.workspaces.create(projectId, { path: import.meta.dirname }, 'me')).id;
    const session: CreateSession = {
      title: 'Run',
      initialPrompt: 'Go on.',
      runtime: 'command',
      command: ['true'],
      workspaceId,
      onOrphan: 'resume',
      start: true,
    };
    sessionId = (await core.sessions.create(projectId, session, 'me')).id;
    await core.tasks.enqueueMany(projectId, [{ type: 'plain' }, { type: 'prefetched' }]);
  });
  afterEach(async () => {
    for (const holder of holders.splice(0)) await holder.kill();
    await core.close();
    await opened.close();
  });

  const sql = <Row>(text: string) => opened.database.query<Row>({ name: '', text });
  const marks = async () => (await sql<{ token: number }>('SELECT token::int FROM marks')).map(({ token }) => token);
  const texts = async () =>
    (await core.journal.read(projectId, sessionId, { types: ['message'] })).items.map(
      ({ payload }) => (payload as { text?: string }).text,
    );

  const hold = async (idleInTransactionMs?: number) => {
    const part = { name: 'stopped', connectionString: opened.connectionString, projectId, idleInTransactionMs };
    const process = new JsonProcess<HolderCommand, HolderAnswer>({
      name: 'stopped',
      script: HOLDER,
      args: [JSON.stringify(part)],
    });
    holders.push(process);
    await process.answer((answer) => 'ready' in answer);
    process.say({ do: 'claim', leaseSeconds: LEASE_SECONDS });
    const { claimed } = await process.answer((answer) => 'claimed' in answer);
    expect(Object.keys(claimed).sort()).toEqual([...KINDS].sort());
    return { process, claimed };
  };

  /** One round of the reaper, and of another who takes whatever there is. */
  const takeOver = async (): Promise<Claim[]> => {
    while ((await reapLostRuns(core)).length > 0);
    const request = { agent: 'other', types: null, able: [], limit: 10, leaseSeconds: 60 };
    const claims = await core.tasks.claim(projectId, { ...request, queues: ['default', SESSION_QUEUE] });
    for (const claim of claims) {
      if (claim.sessionId === null) continue;
      await opened.database.transaction(async (tx) => {
        await core.tasks.within(tx).begin(claim);
        await core.sessions.within(tx).begin(projectId, sessionId, 'other');
        await setFence(tx, projectId, sessionId, claim.token);
      });
    }
    return claims;
  };
  const takeAll = async (count: number): Promise<Claim[]> => {
    const claims: Claim[] = [];
    const grown = async () => claims.push(...(await takeOver())) && claims.length;
    await expect.poll(grown, SOON).toBe(count);
    return claims;
  };

  it('gets CLAIM_LOST on every verb, its appends are refused, and the new holder’s work is whole', {
    timeout: 90_000,
  }, async () => {
    const { process, claimed } = await hold();
    process.signal('SIGSTOP');
    const fresh = await takeAll(3);
    for (const claim of fresh) expect(claim.token).toBeGreaterThan(Math.max(...tokensOf(claimed)));
    process.signal('SIGCONT');
    process.say({ do: 'verbs' });
    const { verbs } = await process.answer((answer) => 'verbs' in answer);
    expect(Object.keys(verbs)).toHaveLength(3 * 14 + 2);
    expect(Object.entries(verbs).filter(([, outcome]) => outcome !== 'CLAIM_LOST')).toEqual([]);
    for (const claim of fresh) {
      if (claim.sessionId !== null) {
        const event = { type: 'message' as const, actor: 'other', payload: { text: 'fresh' } };
        await core.journal.append(projectId, sessionId, [event], { fencingToken: claim.token });
      }
      expect(await core.tasks.complete(claim, 'fresh')).toBe('completed');
    }
    expect(await texts()).toEqual(['while it was held', 'fresh']);
    expect(await sql(`SELECT DISTINCT result FROM tasks WHERE status = 'completed'`)).toEqual([{ result: 'fresh' }]);
    expect(await sql(`SELECT type FROM tasks WHERE type = 'child'`)).toEqual([]);
  });

  describe('between its check and its commit', () => {
    const writes: [Held, 'mark' | 'complete' | 'append'][] = [
      ['plain', 'mark'],
      ['prefetched', 'complete'],
      ['run', 'append'],
    ];

    it.each(writes)(
      'keeps a %s task from everybody until it has committed (%s)',
      { timeout: 90_000 },
      async (held, write) => {
        const { process, claimed } = await hold(60_000);
        process.say({ do: 'check', held, write });
        await process.answer((answer) => 'checked' in answer);
        process.signal('SIGSTOP');
        await sleep(BEYOND_LEASE_MS);
        // The others come free; this one does not.
        const others = await takeAll(2);
        expect(others.map(({ taskId }) => taskId)).not.toContain(claimed[held].taskId);
        expect(await takeOver()).toEqual([]);
        expect(await marks()).toEqual([]);
        process.signal('SIGCONT');
        process.say({ do: 'commit' });
        const { committed } = await process.answer((answer) => 'committed' in answer);
        expect(committed).toBe('done');
        expect(await marks()).toEqual([claimed[held].token]);
        if (write === 'append') expect(await texts()).toEqual(['while it was held', 'in time']);
        if (write === 'complete') {
          expect(await core.tasks.get(projectId, claimed[held].taskId)).toMatchObject({
            status: 'completed',
            attempt: 1,
          });
          expect(await takeOver()).toEqual([]);
        } else {
          expect((await takeAll(1)).map(({ token }) => token > claimed[held].token)).toEqual([true]);
        }
      },
    );

    it.each(writes)(
      'loses a %s task when it stands idle for too long, and its commit is refused (%s)',
      {
        timeout: 90_000,
      },
      async (held, write) => {
        const { process, claimed } = await hold(BEYOND_LEASE_MS);
        process.say({ do: 'check', held, write });
        await process.answer((answer) => 'checked' in answer);
        process.signal('SIGSTOP');
        const fresh = await takeAll(3);
        for (const claim of fresh) expect(await core.tasks.complete(claim, 'fresh')).toBe('completed');
        process.signal('SIGCONT');
        process.say({ do: 'commit' });
        const { committed } = await process.answer((answer) => 'committed' in answer);
        expect(committed).toBe('DATABASE_UNAVAILABLE');
        expect(await marks()).toEqual([]);
        expect(await texts()).toEqual(['while it was held']);
        process.say({ do: 'verbs' });
        const { verbs } = await process.answer((answer) => 'verbs' in answer);
        expect(Object.entries(verbs).filter(([, outcome]) => outcome !== 'CLAIM_LOST')).toEqual([]);
        expect(await sql(`SELECT DISTINCT result FROM tasks WHERE status = 'completed'`)).toEqual([
          { result: 'fresh' },
        ]);
        if (held !== 'run')
          expect(await core.tasks.get(projectId, claimed[held].taskId)).toMatchObject({
            claimedBy: 'other',
            attempt: 2,
          });
      },
    );
  });
});

function tokensOf(claimed: Claimed): number[] {
  return KINDS.map((kind) => claimed[kind].token);
}

import { createInterface } from 'node:readline';
import {
  appendInTransaction,
  type Claim,
  SESSION_QUEUE,
  SESSION_RUN,
  setFence,
  type Transaction,
} from '@signalbox/core';
import { tell } from '../../processes/tell.ts';
import { codeOf, openCore, type PartSettings, readSettings } from './part.ts';

// A process that claims tasks and does with its claims what it is told, a JSON command a line, so that it can be stopped in between.

/** Claims by what they are: of a plain task, of one that stands in its lease alone, and of a session's run. */
export type Held = 'plain' | 'prefetched' | 'run';

export type HolderCommand =
  | { do: 'claim'; leaseSeconds: number }
  /** Tries every verb there is with each claim. */
  | { do: 'verbs' }
  /** Checks a claim in a transaction and writes under it; the commit waits for the next command. */
  | { do: 'check'; held: Held; write: 'mark' | 'complete' | 'append' }
  | { do: 'commit' };

export type HolderAnswer =
  | { ready: true }
  | { claimed: Record<Held, { taskId: string; token: number }> }
  /** What each verb came to: `done`, or the code of its error. */
  | { verbs: Record<string, string> }
  | { checked: true }
  | { committed: string };

/** Into a table that the test makes. */
const MARK = 'INSERT INTO marks VALUES ($1, $2)';

const settings = readSettings<PartSettings>();
const { projectId, name: agent } = settings;
const core = openCore(settings);
const { tasks, database, journal } = core;
const claims = new Map<Held, Claim>();
let commit = Promise.withResolvers<void>();

async function obey(command: HolderCommand): Promise<void> {
  if (command.do === 'claim') tell({ claimed: await claimAll(command.leaseSeconds) });
  else if (command.do === 'verbs') tell({ verbs: await tryVerbs() });
  else if (command.do === 'check') tell({ committed: await outcomeOf(() => check(command)) });
  else commit.resolve();
}

async function claimAll(leaseSeconds: number): Promise<Record<string, object>> {
  const common = { agent, able: [], limit: 1, leaseSeconds, waitMs: 10_000 };
  const take = async (held: Held, request: { queues: string[]; types: string[] | null; prefetch?: boolean }) => {
    const [claim] = await tasks.claim(projectId, { ...common, ...request });
    if (claim) claims.set(held, claim);
  };
  await take('run', { queues: [SESSION_QUEUE], types: [SESSION_RUN] });
  await take('plain', { queues: ['default'], types: ['plain'] });
  await take('prefetched', { queues: ['default'], types: ['prefetched'], prefetch: true });
  const { claim, sessionId } = run();
  await database.transaction(async (tx) => {
    await tasks.within(tx).begin(claim);
    await core.sessions.within(tx).begin(projectId, sessionId, agent);
    await setFence(tx, projectId, sessionId, claim.token);
  });
  await journal.append(projectId, sessionId, [event('while it was held')], { fencingToken: claim.token });
  return Object.fromEntries([...claims].map(([held, { taskId, token }]) => [held, { taskId, token }]));
}

async function tryVerbs(): Promise<Record<string, string>> {
  const verbs: Record<string, string> = {};
  const failure = { name: 'E', message: '', retryable: true };
  for (const [held, claim] of claims) {
    const within = (does: (writes: ReturnType<typeof tasks.within>) => Promise<unknown>) =>
      database.transaction((tx) => does(tasks.within(tx)));
    const all: Record<string, () => Promise<unknown>> = {
      begin: () => tasks.begin(claim),
      progress: () => tasks.progress(claim, 0.5),
      complete: () => tasks.complete(claim, 'stale'),
      fail: () => tasks.fail(claim, failure),
      release: () => tasks.release(claim),
      decompose: () => tasks.decompose(claim, [{ type: 'child' }]),
      'hold and commit': () => within((writes) => writes.hold(claim)),
      'begin in a transaction': () => within((writes) => writes.begin(claim)),
      'complete in a transaction': () => within((writes) => writes.complete(claim, 'stale')),
      'fail in a transaction': () => within((writes) => writes.fail(claim, failure)),
      'release in a transaction': () => within((writes) => writes.release(claim)),
      'abandon in a transaction': () => within((writes) => writes.abandon(claim)),
      'decompose in a transaction': () => within((writes) => writes.decompose(claim, [{ type: 'child' }])),
    };
    for (const [verb, does] of Object.entries(all)) verbs[`${held}: ${verb}`] = await outcomeOf(does);
    const lost = await tasks.heartbeat([claim], 60);
    verbs[`${held}: heartbeat`] = lost.includes(claim) ? 'CLAIM_LOST' : 'done';
  }
  const { claim, sessionId } = run();
  const fencingToken = claim.token;
  verbs['run: journal append'] = await outcomeOf(() =>
    journal.append(projectId, sessionId, [event('stale')], { fencingToken }),
  );
  verbs['run: journal append in a transaction'] = await outcomeOf(() =>
    database.transaction((tx) => append(tx, claim, sessionId, 'stale')),
  );
  return verbs;
}

async function check({ held, write }: Extract<HolderCommand, { do: 'check' }>): Promise<void> {
  const claim = claims.get(held);
  if (!claim) throw new Error(`there is no claim of a ${held} task`);
  commit = Promise.withResolvers();
  await database.transaction(async (tx) => {
    await tasks.within(tx).hold(claim);
    await tx.query({ name: '', text: MARK }, [claim.taskId, claim.token]);
    if (write === 'complete') await tasks.within(tx).complete(claim, 'in time');
    if (write === 'append') await append(tx, claim, run().sessionId, 'in time');
    tell({ checked: true });
    await commit.promise;
  });
}

async function append(tx: Transaction, { token }: Claim, sessionId: string, text: string): Promise<void> {
  await appendInTransaction(tx, projectId, sessionId, [event(text)], { fencingToken: token });
}

function run(): { claim: Claim; sessionId: string } {
  const claim = claims.get('run');
  if (!claim || claim.sessionId === null) throw new Error('there is no claim of a run');
  return { claim, sessionId: claim.sessionId };
}

function event(text: string) {
  return { type: 'message' as const, actor: agent, payload: { text } };
}

async function outcomeOf(does: () => Promise<unknown>): Promise<string> {
  try {
    await does();
    return 'done';
  } catch (error) {
    return codeOf(error);
  }
}

core.start();
tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) void obey(JSON.parse(line) as HolderCommand);

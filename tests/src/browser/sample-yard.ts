import type { Client, Session } from '@signalbox/client';
import { vi } from 'vitest';
import { AliveAgents } from './alive-agents.ts';
import { started } from './sample-fleet.ts';
import type { WritingRuntime } from './writing-runtime.ts';

/** Agents at work side by side, with locks and paths that several of them want. */
export interface SampleYard {
  /** Speaks for the agents that are not dead; to be disposed of. */
  alive: AliveAgents;
  /** A lock's resource that two wait for. */
  resource: string;
  /** A session that has claimed paths, and got into another's way. */
  billing: Session;
}

const SOON = { timeout: 45_000, interval: 50 };
/** Has been silent for too long. */
const DEAD = 'laptop-7';
const AGENTS = [
  { id: 'coder-1', type: 'coder', capabilities: ['typescript@6.0.2', 'node@24.1.0', 'sql'], maxLoad: 4 },
  { id: 'coder-2', type: 'coder', capabilities: ['typescript@6.0.2', 'rust@1.91.0'], maxLoad: 2 },
  {
    id: 'coder-3',
    type: 'coder',
    capabilities: ['typescript', 'node', 'sql', 'css', 'docker', 'terraform'],
    maxLoad: 8,
  },
  { id: 'reviewer-1', type: 'reviewer', capabilities: ['typescript'], maxLoad: 1 },
  { id: DEAD, type: 'tester', capabilities: [], maxLoad: 1 },
  { id: 'night-shift', type: 'tester', capabilities: ['node@24.1.0'], maxLoad: 2 },
];

export async function makeSampleYard(client: Client, workspace: string, runtime: WritingRuntime): Promise<SampleYard> {
  const { version } = await client.agents.settings();
  await client.agents.configure(version, { heartbeatInterval: 0.5, heartbeatTimeout: 3, maxMissedHeartbeats: 2 });
  for (const agent of AGENTS) await client.agents.register(agent);
  const alive = new AliveAgents(
    client,
    AGENTS.map(({ id }) => id).filter((id) => id !== DEAD),
  );
  await vi.waitUntil(async () => (await client.agents.get(DEAD)).status === 'dead', SOON);
  await work(client);
  await client.agents.drain('coder-3');
  await client.agents.maintain('night-shift');

  const resource = 'repository/packages/billing';
  const minutes = 60_000;
  const holds = { ttlMs: 10 * minutes, waitMs: 10 * minutes };
  await client.locks.acquire({ resource, owner: 'coder-1/release', agentId: 'coder-1', ...holds });
  await client.locks.acquire({ resource: 'repository/docs', owner: 'coder-2/docs', mode: 'shared', ...holds });
  await client.locks.acquire({ resource: 'repository/docs', owner: 'coder-3/docs', mode: 'shared', ...holds });
  // Nobody answers these before the test is over.
  for (const [owner, priority] of [
    ['reviewer-1/review', 0],
    ['coder-2/hotfix', 10],
  ] as const)
    void client.locks.acquire({ resource, owner, priority, agentId: owner.split('/')[0], ...holds }).catch(() => null);
  await vi.waitUntil(async () => (await client.locks.stats()).waiting === 2, SOON);

  const { id: workspaceId } = await client.workspaces.create({ path: workspace, name: 'shop' });
  const writer = async (title: string) => {
    const session = { title, initialPrompt: title, runtime: 'opencode' as const, workspaceId, start: true };
    const { id } = await client.sessions.create(session);
    await vi.waitUntil(() => runtime.runs(id), SOON);
    return client.sessions.get(id);
  };
  const billing = await writer('Round invoices once');
  const currencies = await writer('Check the currencies too');
  await client.pathClaims.claim({ sessionId: billing.id, paths: ['src/billing/**', 'README.md'] });
  await client.pathClaims.claim({ sessionId: currencies.id, paths: ['src/currencies'], mode: 'shared' });
  void client.pathClaims
    .claim({ sessionId: currencies.id, paths: ['src/billing/rates.ts'], waitSeconds: 240 })
    .catch(() => null);
  await vi.waitUntil(async () => (await client.pathClaims.list({ status: 'waiting' })).total === 1, SOON);
  await runtime.write(billing.id, 'package.json');
  await runtime.write(currencies.id, 'package.json');
  return { alive, resource, billing };
}

/** What the agents have done, and do. */
async function work(client: Client): Promise<void> {
  for (const [agent, outcomes] of Object.entries({ 'coder-1': 'ccccccf', 'coder-2': 'ccf', 'coder-3': 'cccc' })) {
    for (const outcome of outcomes) {
      await client.tasks.enqueue({ type: 'lint', queue: 'history', payload: {} });
      const [claim] = await client.agents.claim(agent, { queues: ['history'] });
      if (claim === undefined) throw new Error('the task was not claimed');
      if (outcome === 'c') await client.tasks.complete(claim, {});
      else await client.tasks.fail(claim, { error: { message: 'It failed' }, retryable: false });
    }
  }
  const session = await started(client, { title: 'Mend the rounding in invoices' });
  for (const type of ['implement', 'test', 'document'])
    await client.tasks.enqueue({ type, queue: 'work', payload: {}, sessionId: session.id });
  await client.agents.claim('coder-1', { queues: ['work'], limit: 3, leaseSeconds: 600 });
  await client.tasks.enqueue({ type: 'review', queue: 'work', payload: {} });
  await client.agents.claim('reviewer-1', { queues: ['work'], leaseSeconds: 600 });
}

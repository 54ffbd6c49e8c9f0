import type { RunHandle, RunHost, RunOutcome, RunSpec, Runtime } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRuns, type RunHarness } from './run-harness.ts';

const TOKENS_A_CALL = 100;
const PATIENCE = { timeout: 60_000, interval: 25 };

/** An agent that calls a tool again and again, each time for a hundred tokens, until it is stopped or may finish. */
class EndlessAgent implements RunHandle {
  /** Calls that were allowed to run. */
  ran = 0;
  readonly frozen: boolean[] = [];
  readonly done: Promise<RunOutcome>;
  readonly #over = Promise.withResolvers<void>();
  #isOver = false;

  constructor(host: RunHost) {
    this.done = Promise.race([this.#over.promise, this.#calls(host)]).then(() => ({
      status: 'completed',
      exitCode: 0,
      signal: null,
      error: null,
      result: {},
    }));
  }

  finish(): void {
    this.#isOver = true;
    this.#over.resolve();
  }

  runtimeSession = () => null;
  pause = async () => void this.frozen.push(true);
  resume = async () => void this.frozen.push(false);
  stop = async () => this.finish();
  usage = async () => ({ cpuSeconds: null, peakMemoryMb: null });

  async #calls(host: RunHost): Promise<void> {
    for (let number = 1; !this.#isOver; number++) {
      const call = { callId: `call-${number}`, tool: 'read', arguments: { filePath: 'a' } };
      const none = { outputTokens: 0, reasoningTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };
      await host.emit({ type: 'usage', model: null, inputTokens: TOKENS_A_CALL, ...none });
      await host.emit({ type: 'tool_call', ...call });
      if ((await host.toolBefore(call)).decision === 'deny') return;
      this.ran += 1;
      await host.toolAfter(call, { status: 'completed', output: '', title: null, metadata: {} });
    }
  }
}

class EndlessRuntime implements Runtime {
  readonly name = 'opencode';
  readonly agents = new Map<string, EndlessAgent>();

  check() {
    return Promise.resolve({ available: true, version: 'test', detail: 'Calls a tool for ever.' } as const);
  }

  start({ sessionId }: RunSpec, host: RunHost): Promise<RunHandle> {
    const agent = new EndlessAgent(host);
    this.agents.set(sessionId, agent);
    return Promise.resolve(agent);
  }
}

describe('budgets of runs', () => {
  let runs: RunHarness;
  const runtime = new EndlessRuntime();
  beforeAll(async () => {
    runs = await openRuns(postgresBackend, { runtimes: [runtime] });
    runs.runner.start();
  });
  afterAll(() => runs.close());

  const endless = (input: { parentId?: string } = {}) =>
    runs.script('', { runtime: 'opencode', command: null, start: false, ...input });
  const agentOf = async (id: string): Promise<EndlessAgent> => {
    await expect.poll(() => runtime.agents.has(id), PATIENCE).toBe(true);
    return runtime.agents.get(id) as EndlessAgent;
  };
  const limit = (name: string, sessionId: string, limits: { tokens?: number; toolCalls?: number }) =>
    runs.core.budgets.create(runs.projectId, { name, owner: { scope: 'session', sessionId }, limits }, 'ann');
  const said = async (id: string): Promise<Record<string, unknown>[]> =>
    (await runs.events(id)).map(({ actor, payload }) => ({ ...(payload as object), actor }));
  const spentOf = async (name: string) => (await runs.core.budgets.get(runs.projectId, name)).spent;

  test('a runaway session stands still at its limit, whoever resumes it, and goes on once that is raised', async () => {
    const { core, projectId } = runs;
    const { id } = await endless();
    await limit('tokens', id, { tokens: 5 * TOKENS_A_CALL });
    await core.sessions.start(projectId, id, 'ann');
    await runs.reaches(id, 'paused');
    const agent = await agentOf(id);
    await expect.poll(() => agent.frozen, PATIENCE).toEqual([true]);
    expect(agent.ran).toBe(4);
    await expect.poll(() => spentOf('tokens'), PATIENCE).toMatchObject({ tokens: 500, toolCalls: 5 });

    await core.sessions.resume(projectId, id, 'ann');
    const pauses = async () =>
      (await said(id)).filter(({ actor, to }) => actor === 'budget:tokens' && to === 'paused').length;
    await expect.poll(pauses, PATIENCE).toBe(2);
    expect([agent.ran, (await spentOf('tokens')).tokens]).toEqual([4, 500]);

    await core.budgets.update(projectId, 'tokens', 1, { limits: { tokens: 10 * TOKENS_A_CALL } }, 'ann');
    await expect.poll(async () => (await spentOf('tokens')).tokens, PATIENCE).toBe(1000);
    await runs.reaches(id, 'paused');
    expect(agent.ran).toBe(9);
    await expect
      .poll(() => core.budgets.spentBy(projectId, id), PATIENCE)
      .toMatchObject({ tokens: 1000, toolCalls: 10 });

    agent.finish();
    await core.budgets.remove(projectId, 'tokens', 2, 'ann');
    await runs.reaches(id, 'completed');
    const usedUp = (await said(id)).find(({ phase }) => phase === 'budget_used_up');
    expect(usedUp).toMatchObject({
      detail: { name: 'tokens', limits: { tokens: 500 }, spent: { tokens: 500 } },
    });
  });

  test('a program that ends before it is frozen has come to its end, though its budget is used up', async () => {
    const { id } = await endless();
    await limit('last', id, { tokens: TOKENS_A_CALL });
    await runs.core.sessions.start(runs.projectId, id, 'ann');
    await runs.reaches(id, 'paused');
    (await agentOf(id)).finish();
    await runs.reaches(id, 'completed');
    expect((await spentOf('last')).tokens).toBe(TOKENS_A_CALL);
  });

  test('so many tool calls run as are allowed, and the run of a child waits before its start', async () => {
    const { core, projectId } = runs;
    const parent = await endless();
    await limit('calls', parent.id, { toolCalls: 3, tokens: 1_000_000 });
    await core.sessions.start(projectId, parent.id, 'ann');
    await runs.reaches(parent.id, 'paused');
    const agent = await agentOf(parent.id);
    expect(agent.ran).toBe(3);

    const child = await endless({ parentId: parent.id });
    await core.sessions.start(projectId, child.id, 'ann');
    await runs.reaches(child.id, 'paused');
    expect(runtime.agents.has(child.id)).toBe(false);
    // Ended while it waits, it never starts; its sibling does once the budget suffices.
    await core.sessions.stop(projectId, child.id, 'ann');
    const sibling = await endless({ parentId: parent.id });
    await core.sessions.start(projectId, sibling.id, 'ann');
    await runs.reaches(sibling.id, 'paused');
    await core.budgets.remove(projectId, 'calls', 1, 'ann');
    (await agentOf(sibling.id)).finish();
    agent.finish();
    await Promise.all([parent.id, sibling.id].map((id) => runs.reaches(id, 'completed')));
    expect(runtime.agents.has(child.id)).toBe(false);
  });
});

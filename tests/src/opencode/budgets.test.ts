import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateSession } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { describe, expect, test } from 'vitest';
import { openRuns } from '../runs/run-harness.ts';
import { startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';

const program = await opencodeOrSkip(1);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE = { timeout: 120_000, interval: 50 };
const A_TURN = 1_000;
const LIMIT = 5 * A_TURN;

describe.skipIf(!program)('OpenCode under a budget', { timeout: LIMIT_MS }, () => {
  test('an endless tool loop stands still within one call of the limit, and goes on once it is raised', async () => {
    const stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
    const runtimes = [createOpencodeRuntime({ stateDir, program: program ?? '' })];
    const runs = await openRuns(postgresBackend, { runtimes });
    let enough = false;
    await using model = await startLoopbackModel((_request, turn) => {
      const usage = { inputTokens: A_TURN - 10, outputTokens: 10 };
      const again = { name: 'bash', arguments: { command: `echo ${turn} >> calls`, description: 'Again' } };
      return enough ? { text: 'Done.', usage } : { toolCalls: [again], usage };
    });
    try {
      const { core, projectId } = runs;
      runs.runner.start();
      const session = await runs.script('', {
        runtime: 'opencode',
        command: null,
        modelConfig: model.name,
        agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
        start: false,
      });
      const owner = { scope: 'session' as const, sessionId: session.id };
      await core.budgets.create(projectId, { name: 'tokens', owner, limits: { tokens: LIMIT } }, 'ann');
      await core.sessions.start(projectId, session.id, 'ann');
      const stands = async () => {
        await expect
          .poll(async () => (await core.sessions.get(projectId, session.id))?.status, PATIENCE)
          .toBe('paused');
        const { spent, limits } = await core.budgets.get(projectId, 'tokens');
        // What the turn cost that reached the limit, and the call that it had begun.
        expect(spent.tokens).toBeGreaterThanOrEqual(limits.tokens ?? 0);
        expect(spent.tokens).toBeLessThan((limits.tokens ?? 0) + A_TURN);
        expect(spent.toolCalls).toBeLessThanOrEqual((limits.tokens ?? 0) / A_TURN + 1);
        expect(model.turns().length).toBeLessThanOrEqual((limits.tokens ?? 0) / A_TURN + 1);
      };
      await stands();
      // What is only said to stand still would have made many more calls by then.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await stands();

      await core.budgets.update(projectId, 'tokens', 1, { limits: { tokens: 2 * LIMIT } }, 'ann');
      await expect
        .poll(async () => (await core.budgets.get(projectId, 'tokens')).spent.tokens, PATIENCE)
        .toBeGreaterThanOrEqual(2 * LIMIT);
      await stands();
      enough = true;
      await core.budgets.remove(projectId, 'tokens', 2, 'ann');
      await expect
        .poll(async () => (await core.sessions.get(projectId, session.id))?.status, PATIENCE)
        .toBe('completed');
    } finally {
      await runs.close();
      await rm(stateDir, { recursive: true, force: true });
    }
  });
});

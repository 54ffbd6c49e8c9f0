import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Approver, CreateSession } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { describe, expect, test } from 'vitest';
import { openRuns } from '../runs/run-harness.ts';
import { statedPolicies } from '../runs/stated-policies.ts';
import { type ModelTurn, startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';

const program = await opencodeOrSkip(1);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE = { timeout: 120_000, interval: 50 };
const ann: Approver = { actor: 'ann', name: 'ann', role: 'approver' };

const policies = statedPolicies({
  name: 'house',
  rules: [
    {
      id: 'ask-rm',
      name: 'Ask before deleting',
      match: { commands: [{ programs: ['rm'] }] },
      effect: 'require_approval',
    },
    {
      id: 'ask-out',
      name: 'Ask outside src',
      match: { tools: ['write'], paths: { outside: ['src/**'] } },
      effect: 'require_approval',
    },
  ],
  default: 'allow',
});

describe.skipIf(!program)('OpenCode under policies', { timeout: LIMIT_MS }, () => {
  test('a deletion is approved, a write outside of src rejected, other arguments are held again, edited ones act', async () => {
    const stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
    const runtimes = [createOpencodeRuntime({ stateDir, program: program ?? '' })];
    const runs = await openRuns(postgresBackend, { runtimes, policies });
    const bash = (command: string): ModelTurn => ({
      toolCalls: [{ name: 'bash', arguments: { command, description: 'Deletes' } }],
    });
    const writes = (path: string): ModelTurn => ({
      toolCalls: [{ name: 'write', arguments: { filePath: join(runs.work, path), content: 'agent\n' } }],
    });
    await using model = await startLoopbackModel([
      writes('src/a.ts'),
      bash('rm -rf build'),
      writes('README.md'),
      bash('rm -rf build dist'),
      bash('rm -rf dist keep'),
      { text: 'Done.' },
    ]);
    for (const name of ['build', 'dist', 'keep']) {
      await mkdir(join(runs.work, name));
      await writeFile(join(runs.work, name, 'file'), name);
    }
    const content = (path: string) => readFile(join(runs.work, path), 'utf8').catch(() => null);
    try {
      runs.runner.start();
      const session = await runs.script('', {
        runtime: 'opencode',
        command: null,
        modelConfig: model.name,
        agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
      });
      const open = async () =>
        (await runs.core.approvals.list(runs.projectId)).items.filter(({ status }) => status === 'pending');
      const pending = async (what: string) => {
        await expect.poll(async () => (await open()).map(({ summary }) => summary), PATIENCE).toEqual([what]);
        const [one] = await open();
        if (!one) throw new Error('decided meanwhile');
        return one;
      };
      const answer = (id: string, verdict: 'approve' | 'reject', reason: string) =>
        runs.core.approvals.decide(runs.projectId, id, { verdict, reason }, ann);
      const toldModel = (turn: number, what: string) =>
        expect.poll(() => JSON.stringify(model.turns()[turn]?.messages ?? null), PATIENCE).toContain(what);

      const deletion = await pending('bash: rm -rf build');
      expect(deletion).toMatchObject({
        sessionId: session.id,
        workingDirectory: runs.work,
        policy: { ruleId: 'ask-rm' },
      });
      await runs.reaches(session.id, 'paused');
      expect([await content('src/a.ts'), await content('build/file')]).toEqual(['agent\n', 'build']);
      await answer(deletion.id, 'approve', 'it is made anew');

      const outside = await pending(`write: ${join(runs.work, 'README.md')}`);
      expect(await content('build/file')).toBeNull();
      await answer(outside.id, 'reject', 'the readme is ours');
      await toldModel(3, 'the readme is ours');
      expect(await content('README.md')).toBeNull();

      const more = await pending('bash: rm -rf build dist');
      expect(more.digest).not.toBe(deletion.digest);
      expect(await content('dist/file')).toBe('dist');
      await answer(more.id, 'reject', 'only build');
      await toldModel(4, 'only build');

      const { id, arguments: asked } = await pending('bash: rm -rf dist keep');
      const edited = { ...asked, command: 'rm -rf dist' };
      await runs.core.approvals.editAndApprove(runs.projectId, id, { arguments: edited }, ann);
      await runs.reaches(session.id, 'completed');
      expect([await content('dist/file'), await content('keep/file')]).toEqual([null, 'keep']);
      const results = (await runs.events(session.id)).filter(({ type }) => type === 'tool_result');
      expect(results.map(({ payload }) => (payload as { status: string }).status)).toEqual([
        'completed',
        'completed',
        'denied',
        'denied',
        'completed',
      ]);
    } finally {
      await runs.close();
      await rm(stateDir, { recursive: true, force: true });
    }
  });
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HookAnswer, ReportHook } from '@signalbox/client/hooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeMemory } from './hook-memory.ts';
import type { HookOptions } from './hook-options.ts';
import { runHook } from './run-hook.ts';

const NONE: HookAnswer = {
  sessionId: null,
  decision: 'none',
  reason: null,
  arguments: null,
  approvalId: null,
  unreachable: 'allow',
};

describe('a hook', () => {
  let place: string;
  let server: Server;
  let heard: ReportHook[];
  let answers: (number | HookAnswer)[];
  let options: HookOptions;
  /** Moves on only where the hook sleeps, and with each look at it. */
  let time: number;
  let ids: number;
  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), 'signalbox-hook-'));
    heard = [];
    answers = [];
    time = 1_000_000;
    ids = 0;
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      request.on('end', () => {
        heard.push(JSON.parse(text) as ReportHook);
        const answer = answers.shift() ?? NONE;
        if (answer === 0) return response.destroy();
        response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' });
        return response.end(JSON.stringify(typeof answer === 'number' ? { detail: 'as it is' } : answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    options = {
      source: 'claude-code',
      url,
      project: undefined,
      token: undefined,
      actor: 'claude-code',
      waitSeconds: 30,
    };
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(place, { recursive: true });
  });

  const said: string[] = [];
  const tell = (event: Record<string, unknown>, gated = false, more: Partial<HookOptions> = {}) =>
    runHook(
      {
        options: { ...options, ...more },
        place,
        now: () => {
          // As real clocks do, it shows parts of a millisecond.
          time += 1.25;
          return time;
        },
        uuid: () => {
          ids += 1;
          return `00000000-0000-7000-8000-${String(ids).padStart(12, '0')}`;
        },
        sleep: async (ms) => {
          time += ms;
        },
        warn: (text) => said.push(text),
      },
      event,
      { gated, directory: '/srv/work' },
    );
  const spooled = () => {
    try {
      return readdirSync(join(place, 'spool'));
    } catch {
      return [];
    }
  };
  /** A port where nobody listens. */
  const away = { url: 'http://127.0.0.1:9' };

  test('asks with the same event until people have answered, and passes on what they changed', async () => {
    const held = { ...NONE, decision: 'held' as const, reason: 'wait', approvalId: 'a' };
    answers = [held, held, { ...NONE, decision: 'allow', reason: 'Approved by ann.', arguments: { command: 'ls' } }];
    expect(await tell({ n: 1 }, true)).toEqual({
      decision: 'allow',
      reason: 'Approved by ann.',
      arguments: { command: 'ls' },
    });
    expect(new Set(heard.map(({ eventId }) => eventId)).size).toBe(1);
    expect(heard.map(({ final, waitSeconds }) => [final, waitSeconds])).toEqual([
      [false, 10],
      [false, 10],
      [false, 10],
    ]);
  });

  test('once people are asked, a server that goes away lets nothing pass', async () => {
    const reason = 'approval a is pending, retry this exact call';
    answers = [{ ...NONE, decision: 'held', reason, approvalId: 'a' }, ...Array<number>(60).fill(0)];
    expect(await tell({ n: 1 }, true)).toEqual({ decision: 'deny', reason });
    expect(heard.length).toBeGreaterThan(10);
    expect(spooled()).toEqual([]);
  });

  test('the last turn comes before the time is over that the agent gives', async () => {
    answers = [{ ...NONE, decision: 'deny', reason: 'no' }];
    await tell({ n: 1 }, true, { waitSeconds: 3 });
    expect(heard[0]).toMatchObject({ final: true, waitSeconds: expect.closeTo(3, 1) });
  });

  test('what cannot be told passes, is kept, and is told later in its order', async () => {
    expect(await tell({ n: 1 }, false, away)).toEqual({ decision: 'none' });
    expect(await tell({ n: 2 }, true, away)).toEqual({ decision: 'none' });
    expect(spooled()).toHaveLength(2);
    // One that is down for a moment is not passed over.
    answers = [503];
    await tell({ n: 3 });
    expect(spooled()).toHaveLength(3);
    heard = [];
    await tell({ n: 4 });
    expect(heard.map(({ event, late }) => [event.n, late ?? false])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ]);
    expect(spooled()).toEqual([]);
    heard = [];
    await tell({ n: 5 });
    expect(heard).toHaveLength(1);
  });

  test('what the server never takes is set aside, and stands in nobody’s way', async () => {
    await tell({ n: 1 }, false, away);
    answers = [400, NONE];
    await tell({ n: 2 });
    expect(heard.map(({ event }) => event.n)).toEqual([1, 2]);
    expect(spooled()).toEqual([expect.stringMatching(/\.refused$/)]);
    answers = [400];
    await tell({ n: 3 });
    expect(said.at(-1)).toContain('400 as it is');
    // But a call that it cannot decide about does not pass.
    answers = [400];
    expect(await tell({ n: 4 }, true)).toEqual({ decision: 'deny', reason: expect.stringContaining('400 as it is') });
  });

  test('where the policies want it, nothing passes while nobody can be asked', async () => {
    answers = [{ ...NONE, unreachable: 'deny' }];
    await tell({ n: 1 });
    expect(await tell({ n: 2 }, true, away)).toEqual({
      decision: 'deny',
      reason: expect.stringContaining('cannot be reached'),
    });
    expect(await tell({ n: 3 }, false, away)).toEqual({ decision: 'none' });
    answers = [NONE, NONE, NONE];
    await tell({ n: 4 });
    expect(await tell({ n: 5 }, true, away)).toEqual({ decision: 'none' });
  });

  test('a server that did not answer in time is left alone for a while', async () => {
    writeMemory(place, { unreachable: 'allow', quietUntil: time + 60_000 }, 'test');
    await tell({ n: 1 }, true);
    expect([heard.length, spooled().length]).toEqual([0, 1]);
    time += 60_000;
    await tell({ n: 2 });
    expect(heard.map(({ event }) => event.n)).toEqual([1, 2]);
  });
});

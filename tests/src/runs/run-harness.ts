import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Clock,
  type Core,
  type CreateSession,
  createCore,
  type JournalEvent,
  type RunnerParts,
  type RunnerSettings,
  type Runtime,
  type Session,
  SessionRunner,
  type SessionStatus,
  systemClock,
  systemIds,
} from '@signalbox/core';
import type { TestBackend, TestDatabase } from '@signalbox/core/testing';
import { createCommandRuntime } from '@signalbox/runtimes';
import { pino } from 'pino';
import { expect } from 'vitest';

export interface RunHarness {
  core: Core;
  opened: TestDatabase;
  projectId: string;
  workspaceId: string;
  /** The workspace's directory. */
  work: string;
  runner: SessionRunner;
  newRunner(settings?: Partial<RunnerSettings>): SessionRunner;
  /** Creates and starts a session of the `command` runtime that runs a shell script. */
  script(script: string, input?: Partial<CreateSession>): Promise<Session>;
  session(sessionId: string): Promise<Session>;
  reaches(sessionId: string, ...statuses: SessionStatus[]): Promise<Session>;
  events(sessionId: string): Promise<JournalEvent[]>;
  close(): Promise<void>;
}

/** Rooms on a fresh database, a runner with the real `command` runtime, and a workspace in a temporary directory. */
export async function openRuns(
  backend: TestBackend,
  options: { clock?: Clock; runtimes?: readonly Runtime[]; policies?: RunnerParts['policies'] } = {},
): Promise<RunHarness> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-runs-')));
  const work = join(root, 'work');
  await mkdir(work);
  const opened = await backend.open();
  const clock = options.clock ?? systemClock;
  const logger = pino({ level: process.env.SIGNALBOX_TEST_LOG ?? 'silent' });
  const runtimes = options.runtimes ?? [createCommandRuntime({ clock: systemClock, ids: systemIds })];
  const { database } = opened;
  const core = createCore({ database, dataDir: root, nodeId: 'test', logger, clock: systemClock, runtimes });
  core.start();
  const projectId = (await core.projects.ensureDefault()).id;
  const workspaceId = (await core.workspaces.create(projectId, { path: work }, 'me')).id;
  const runners: SessionRunner[] = [];
  const newRunner = (settings: Partial<RunnerSettings> = {}) => {
    const made = new SessionRunner(
      { ...core, clock, runtimes, ...(options.policies ? { policies: options.policies } : {}) },
      {
        agent: `runner-${runners.length + 1}`,
        capacity: 4,
        leaseSeconds: 30,
        heartbeatSeconds: 10,
        holdSeconds: 900,
        permissions: 'workspace',
        environment: () => ({}),
        ...settings,
      },
    );
    runners.push(made);
    return made;
  };
  const runner = newRunner();
  const found = async (sessionId: string): Promise<Session> => {
    const session = await core.sessions.get(projectId, sessionId);
    if (!session) throw new Error(`session ${sessionId} is gone`);
    return session;
  };
  return {
    core,
    opened,
    projectId,
    workspaceId,
    work,
    runner,
    newRunner,
    script: (script, input = {}) =>
      core.sessions.create(
        projectId,
        {
          title: `run ${systemIds.uuid()}`,
          initialPrompt: 'do it',
          runtime: 'command',
          workspaceId,
          command: ['sh', '-c', script],
          start: true,
          ...input,
        },
        'me',
      ),
    session: found,
    reaches: async (sessionId, ...statuses) => {
      let session = await found(sessionId);
      for (const start = Date.now(); !statuses.includes(session.status); ) {
        if (Date.now() - start > 45_000) expect(session.status).toBe(statuses.join(' or '));
        await new Promise((resolve) => setTimeout(resolve, 25));
        session = await found(sessionId);
      }
      return session;
    },
    events: async (sessionId) => (await core.journal.read(projectId, sessionId, { limit: 1000 })).items,
    close: async () => {
      for (const made of runners) await made.stop('stop');
      await core.close();
      await opened.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

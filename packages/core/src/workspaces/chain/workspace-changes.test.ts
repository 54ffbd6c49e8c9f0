import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, insertTestSession, type TestDatabase } from '../../testing/index.ts';
import { Captures } from '../captures.ts';
import { Workspaces } from '../workspaces.ts';
import { insertChanges } from './change-store.ts';
import type { WorkspaceChange } from './workspace-change.ts';
import { WorkspaceChanges } from './workspace-changes.ts';

describeOnBackends('workspace changes', (backend) => {
  let opened: TestDatabase;
  let project: string;
  let workspaceId: string;
  let sessionId: string;
  let changes: WorkspaceChanges;

  beforeEach(async () => {
    opened = await backend.open();
    project = await insertTestProject(opened.database);
    sessionId = await insertTestSession(opened.database, project);
    workspaceId = systemIds.uuid();
    const text = `INSERT INTO workspaces (id, project_id, name, path) VALUES ($1, $2, 'w', '/w')`;
    await opened.database.query({ name: '', text }, [workspaceId, project]);
    const parts = { database: opened.database, clock: systemClock, ids: systemIds };
    const workspaces = new Workspaces(parts);
    changes = new WorkspaceChanges({
      ...parts,
      workspaces,
      captures: new Captures({ ...parts, directory: '/nowhere' }),
    });
  });
  afterEach(() => opened.close());

  function change(position: number, path: string, more: Partial<WorkspaceChange> = {}): WorkspaceChange {
    return {
      id: systemIds.uuid(),
      projectId: project,
      workspaceId,
      position,
      path,
      operation: 'modified',
      oldPath: null,
      beforeOid: 'a'.repeat(40),
      afterOid: 'b'.repeat(40),
      beforeMode: '100644',
      afterMode: '100644',
      binary: false,
      additions: 1,
      deletions: 2,
      beforeTree: 'c'.repeat(40),
      afterTree: 'd'.repeat(40),
      attribution: 'tool_call',
      sessionId,
      callId: 'call-1',
      tool: 'edit',
      actor: 'opencode',
      attempt: 1,
      undoId: null,
      candidates: [],
      occurredAt: '2026-01-02T03:04:05.000Z',
      ...more,
    };
  }
  const put = (...rows: WorkspaceChange[]) => opened.database.transaction((tx) => insertChanges(tx, project, rows));

  test('come back as they were written, in the order of their chain, by session, interval and filter', async () => {
    const nobody = { sessionId: null, callId: null, tool: null, actor: null, attempt: null };
    const candidates = [{ sessionId, callId: 'call-2', tool: 'bash' }];
    const first = change(1, 'a "quoted" ünïcode.txt');
    const second = change(2, 'b.txt', { ...nobody, attribution: 'ambiguous', candidates });
    const third = change(3, 'c.txt', { operation: 'renamed', oldPath: 'b.txt', callId: 'call-3' });
    await put(third, first, second);
    expect((await changes.list(project)).items).toEqual([first, second, third]);
    expect(await changes.forSession(project, sessionId)).toEqual([first, third]);
    expect(await changes.between(project, workspaceId, 1)).toEqual([second, third]);
    expect(await changes.between(project, workspaceId, 0, 1)).toEqual([first]);
    const asked = { filters: [{ field: 'attribution', operator: 'eq', value: 'ambiguous' } as const] };
    expect((await changes.list(project, asked)).items).toEqual([second]);
    expect((await changes.list(project, {}, { sessionId: systemIds.uuid() })).items).toEqual([]);
    const other = await insertTestProject(opened.database);
    expect((await changes.list(other)).items).toEqual([]);
    await expect(
      changes.list(project, { filters: [{ field: 'attributoin', operator: 'eq', value: 'x' }] }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_FILTER' });
  });

  test('the database refuses what contradicts itself', async () => {
    const broken: [string, Partial<WorkspaceChange>][] = [
      ['chk_workspace_changes_nobody', { attribution: 'external' }],
      ['chk_workspace_changes_ambiguous', { attribution: 'ambiguous', sessionId: null }],
      ['chk_workspace_changes_undo', { attribution: 'undo' }],
      ['chk_workspace_changes_renamed', { operation: 'renamed' }],
    ];
    for (const [rule, more] of broken) await expect(put(change(1, 'a', more))).rejects.toThrow(rule);
    await put(change(1, 'a'));
    await expect(put(change(1, 'a'))).rejects.toThrow('uq_workspace_changes_path');
  });

  test('stay when their session is removed', async () => {
    await put(change(1, 'a'));
    await opened.database.query({ name: '', text: 'DELETE FROM sessions WHERE id = $1' }, [sessionId]);
    expect((await changes.list(project)).items).toEqual([
      { ...change(1, 'a'), id: expect.any(String), sessionId: null },
    ]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnBackends } from '../testing/index.ts';
import { codeOf, openFixture, type SessionFixture } from '../testing/sessions.ts';
import { Policies } from './policies.ts';
import { PolicyFiles } from './policy-files.ts';

describeOnBackends('policies in files', (backend) => {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-policy-files-'));
  const path = join(directory, 'house.yaml');
  let fixture: SessionFixture;
  let policies: Policies;
  let projectId: string;
  beforeAll(async () => {
    fixture = await openFixture(backend);
    policies = new Policies(fixture.parts);
    projectId = fixture.projectId;
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await fixture.db.close();
  });

  const write = (effect: string) =>
    writeFileSync(
      path,
      `name: house\ndefault: next\nrules:\n  - { id: rm, name: Deletes, match: { commands: [{ programs: [rm] }] }, effect: ${effect} }\n`,
    );
  const standing = async () => {
    const { version, document, enabled } = await policies.get(projectId, 'house');
    return [version, document.rules[0]?.effect, enabled];
  };

  test('are made, changed with the file alone, on the record, and stand where the file is broken or gone', async () => {
    const files = new PolicyFiles(policies, [path]);
    expect(await codeOf(files.check())).toBe('POLICY_FILE_INVALID');
    write('deny');
    await files.check();
    expect(await codeOf(policies.get(projectId, 'house'))).toBe('POLICY_NOT_FOUND');
    // Of two the last would win, at each start anew.
    await expect(new PolicyFiles(policies, [path, path]).check()).rejects.toThrow(/policy "house" already/);
    await files.look(projectId);
    await files.look(projectId);
    expect(await standing()).toEqual([1, 'deny', true]);

    // What people change stays until the file says something new, and what it does not say stays then as well.
    const { id, document } = await policies.get(projectId, 'house');
    const [rule] = document.rules;
    const warns = { ...document, rules: rule ? [{ ...rule, effect: 'warn' as const }] : [] };
    await policies.update(projectId, id, 1, { document: warns, enabled: false }, 'ann');
    await files.look(projectId);
    expect(await standing()).toEqual([2, 'warn', false]);
    write('require_approval');
    await files.look(projectId);
    expect(await standing()).toEqual([3, 'require_approval', false]);
    const { items } = await policies.versions(projectId, 'house', 1, 10);
    expect(items.map(({ version, changedBy }) => [version, changedBy])).toEqual([
      [3, 'file'],
      [2, 'ann'],
      [1, 'file'],
    ]);

    write('maybe');
    await expect(files.look(projectId)).rejects.toThrow(/house\.yaml.*rules\.0\.effect/);
    writeFileSync(path, 'name: [');
    expect(await codeOf(files.look(projectId))).toBe('POLICY_FILE_INVALID');
    rmSync(path);
    expect(await codeOf(files.look(projectId))).toBe('POLICY_FILE_INVALID');
    expect(await standing()).toEqual([3, 'require_approval', false]);

    // A server that starts anew finds what it says in force already: no version is added. What people changed meanwhile goes.
    write('require_approval');
    await new PolicyFiles(policies, [path]).look(projectId);
    expect((await standing())[0]).toBe(3);
    await policies.update(projectId, id, 3, { document: warns }, 'ann');
    await new PolicyFiles(policies, [path]).look(projectId);
    expect(await standing()).toEqual([5, 'require_approval', false]);
  });
});

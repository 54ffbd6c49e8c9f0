import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordAudit } from '../../audit/index.ts';
import { systemClock } from '../../platform/clock/clock.ts';
import { systemIds } from '../../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { Knowledge } from '../knowledge.ts';

const iso = new Date(Date.UTC(2026, 0, 1)).toISOString();
const issue = (id: string, severity: string, more: object = {}) => ({
  ...{ id, type: 'securityIssue', tool: 'scanner', ruleId: 'sql', severity, title: id, description: '', lineNumber: 1 },
  ...{ affectedEntityId: 'sym:a.ts#f@1', codeSnippet: '', remediation: '', status: 'open', confidence: 1 },
  ...{ discoveredAt: iso, lastScanned: iso, ...more },
});
const advisory = (id: string, packageName: string, severity: string, fixedInVersion = '') => ({
  ...{ id, type: 'vulnerability', packageName, version: '1.0.0', vulnerabilityId: id, severity, description: '' },
  ...{ affectedVersions: '', fixedInVersion },
});
const edge = (type: string, fromEntityId: string, toEntityId: string, status = 'open') => ({
  type,
  fromEntityId,
  toEntityId,
  status,
});

describeOnBackends('findings', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let knowledge: Knowledge;
  beforeAll(async () => {
    db = await backend.open();
    knowledge = new Knowledge({ database: db.database, clock: systemClock, ids: systemIds });
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(db.database);
  });
  const say = (entities: object[], relationships: object[]) =>
    knowledge.ingest(projectId, { units: [{ unit: 'u', entities, relationships }] }, 'ann');
  const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

  test('KG-300: what is open is counted by severity and kind, the rest is told apart, and nothing reported is not nothing found', async () => {
    expect((await knowledge.findings.scan(projectId, {})).reported).toEqual({ code: null, dependencies: null });
    await say(
      [
        issue('I1', 'low'),
        issue('I2', 'critical', { ruleId: 'hard-coded-secret' }),
        issue('I3', 'info', { cwe: 'CWE-798', affectedEntityId: 'file:b.ts' }),
        issue('I4', 'high', { status: 'accepted' }),
        issue('I5', 'high', { status: 'false-positive' }),
        issue('I6', 'high', { status: 'fixed' }),
        advisory('V1', 'left-pad', 'medium'),
      ],
      [
        edge('DEFINES', 'file:a.ts', 'sym:a.ts#f@1'),
        ...['I1', 'I2', 'I4', 'I5'].map((id) => edge('HAS_SECURITY_ISSUE', 'sym:a.ts#f@1', id)),
        edge('DEPENDS_ON_VULNERABLE', 'package:left-pad', 'V1'),
      ].map(({ status, ...one }) => (one.type === 'DEFINES' ? one : { ...one, status })),
    );
    const all = await knowledge.findings.scan(projectId, {});
    expect([ids(all.issues), ids(all.vulnerabilities)]).toEqual([['I2', 'I1', 'I3'], ['V1']]);
    expect(all.summary).toEqual({
      totalIssues: 4,
      bySeverity: { critical: 1, high: 0, medium: 1, low: 1, info: 1 },
      byType: { sast: 1, secrets: 2, dependency: 1 },
    });
    expect([ids(all.apart.accepted), ids(all.apart.falsePositive), ids(all.apart.fixed)]).toEqual([
      ['I4'],
      ['I5'],
      ['I6'],
    ]);
    const scan = async (asked: object) => {
      const { issues, vulnerabilities } = await knowledge.findings.scan(projectId, asked);
      return ids([...issues, ...vulnerabilities]);
    };
    expect(await scan({ entityIds: ['file:a.ts'] })).toEqual(['I2', 'I1']);
    expect(await scan({ entityIds: ['file:b.ts'], scanTypes: ['secrets'] })).toEqual(['I3']);
    expect(await scan({ scanTypes: ['sca'] })).toEqual(['V1']);
    expect(await scan({ severity: ['info', 'low'] })).toEqual(['I1', 'I3']);
    await db.database.transaction((tx) =>
      recordAudit(tx, projectId, {
        ...{
          actor: 'ann',
          action: 'graph.import',
          subjectType: 'graph',
          subjectId: projectId,
          details: { format: 'sarif' },
        },
      }),
    );
    expect((await knowledge.findings.scan(projectId, {})).reported).toEqual({
      code: expect.any(String),
      dependencies: null,
    });
  });

  test('KG-301: each open advisory is in one part of the remediation and under its package; what is gone is fixed', async () => {
    const advisories = [
      advisory('V1', 'left-pad', 'critical'),
      advisory('V2', 'left-pad', 'medium', '2.0.0'),
      advisory('V3', 'constructor', 'low'),
      advisory('V4', 'tar', 'high', '3.0.0'),
    ];
    const ties = advisories.map(({ id, packageName }) => edge('DEPENDS_ON_VULNERABLE', `package:${packageName}`, id));
    await say(advisories, ties);
    const accepted = edge('DEPENDS_ON_VULNERABLE', 'package:tar', 'V4', 'accepted');
    await knowledge.ingest(projectId, { units: [{ unit: null, relationships: [accepted] }] }, 'ann');
    const report = await knowledge.findings.vulnerabilities(projectId);
    expect(report.summary).toEqual({ total: 3, critical: 1, high: 0, medium: 1, low: 1, info: 0 });
    const { immediate, planned, monitoring } = report.remediation;
    expect([ids(immediate), ids(planned), ids(monitoring)]).toEqual([['V1'], ['V2'], ['V3']]);
    expect(Object.entries(report.byPackage).map(([name, own]) => [name, ids(own)])).toEqual([
      ['left-pad', ['V1', 'V2']],
      ['constructor', ['V3']],
    ]);
    expect(ids(report.apart.accepted)).toEqual(['V4']);
    await say(advisories.slice(1), ties.slice(1));
    const later = await knowledge.findings.vulnerabilities(projectId);
    expect([later.summary.total, ids(later.apart.fixed)]).toEqual([2, ['V1']]);
  });
});

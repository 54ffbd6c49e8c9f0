import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiHarness, openApi } from '../testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, `/api/v1${path}`, { headers, ...(body === undefined ? {} : { body }) });

it('KG-280 to KG-282 over HTTP: a specification is made, listed, changed by its version, tied to code, and planned for', async () => {
  const wanted = { title: 'A', description: '', goals: ['g'], acceptanceCriteria: ['It adds up to the cent.'] };
  const made = await call('POST', '/specs', wanted);
  expect([made.status, made.json.spec.status, made.json.validationResults.isValid]).toEqual([201, 'draft', true]);
  const spec = encodeURIComponent(made.json.specId);
  const [criterion] = made.json.spec.acceptanceCriteriaIds;
  expect((await call('POST', '/specs', { ...wanted, owner: 'a' })).json.code).toBe('UNKNOWN_FIELD');
  expect((await call('POST', '/specs', { ...wanted, acceptanceCriteria: [] })).status).toBe(400);

  expect((await call('PATCH', `/specs/${spec}`, { status: 'approved' })).status).toBe(428);
  const approved = await call('PATCH', `/specs/${spec}`, { status: 'approved' }, { 'if-match': '"1"' });
  expect(approved.json.spec).toMatchObject({ status: 'approved', version: 2 });
  const late = await call('PATCH', `/specs/${spec}`, { status: 'draft' }, { 'if-match': '"1"' });
  expect([late.status, late.json.code]).toEqual([412, 'OPTIMISTIC_LOCK']);

  expect((await call('GET', '/specs?status=approved,draft&search=CENT')).json).toMatchObject({ total: 1 });
  expect((await call('GET', '/specs?status=implemented')).json).toMatchObject({ total: 0, items: [] });
  expect((await call('GET', '/specs?status=nonsense')).status).toBe(400);
  expect((await call('GET', '/specs?owner=a')).json.code).toBe('UNKNOWN_FIELD');
  expect((await call('GET', '/specs/spec:nobody')).json.code).toBe('SPEC_NOT_FOUND');

  const domain = { id: 'domain:a', type: 'businessDomain', name: 'A', description: '', criticality: 'core' };
  const lists = { stakeholders: [], keyProcesses: [], extractedFrom: [] };
  await call('POST', '/graph/ingest', { units: [{ unit: null, entities: [{ ...domain, ...lists }] }] });
  const tie = { entityId: 'domain:a', type: 'IMPLEMENTS_SPEC', acceptanceCriteriaIds: [criterion] };
  const unknown = await call('POST', `/specs/${spec}/links`, { links: [{ ...tie, acceptanceCriteriaIds: ['ac-1'] }] });
  expect([unknown.status, unknown.json.code]).toEqual([400, 'SPEC_CRITERION_UNKNOWN']);
  const linked = await call('POST', `/specs/${spec}/links`, { links: [tie] });
  expect(linked.json.affectedEntities).toMatchObject([{ id: 'domain:a', name: 'A' }]);
  expect((await call('GET', `/specs/${spec}`)).json).toEqual(linked.json);
  const plan = (await call('POST', `/specs/${spec}/test-plan`, {})).json;
  expect(plan.testPlan.integrationTests).toMatchObject([{ status: 'missing', acceptanceCriteriaIds: [criterion] }]);
  expect(
    (await call('POST', `/specs/${spec}/links`, { unlink: [{ entityId: 'domain:a', type: 'IMPLEMENTS_SPEC' }] })).json,
  ).toMatchObject({ affectedEntities: [] });
});

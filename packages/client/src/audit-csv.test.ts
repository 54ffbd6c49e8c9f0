import { expect, test } from 'vitest';
import { auditCsvHead, auditCsvLine } from './audit-csv.ts';
import type { AuditEvent } from './types.ts';

const event: AuditEvent = {
  id: 'e1',
  projectId: 'p1',
  at: '2026-01-01T00:00:00.000Z',
  actor: '=HYPERLINK("http://x","y")',
  actorRole: null,
  action: 'session.create',
  subjectType: 'session',
  subjectId: '@SUM(1,2)',
  versionBefore: -1,
  versionAfter: 2,
  changes: { title: { before: 'a "b"', after: 'c\nd' } },
  details: {},
  traceId: 't',
};

test('formulas become text, what needs quotes has them, numbers stay', () => {
  expect(auditCsvHead().split(',')).toHaveLength(12);
  expect(auditCsvLine(event)).toBe(
    `2026-01-01T00:00:00.000Z,"'=HYPERLINK(""http://x"",""y"")",,session.create,session,"'@SUM(1,2)",-1,2,` +
      `"{""title"":{""before"":""a \\""b\\"""",""after"":""c\\nd""}}",{},t,e1\r\n`,
  );
});

import { AUDIT_FIELDS, type Database, getAuditEvent, listAudit, parseInput, parseListQuery } from '@signalbox/core';
import { auditExport } from '../audit/audit-export.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import * as contract from '../contract/audit.ts';
import type { Serve } from '../http/serve.ts';

export function auditRoutes(serve: Serve, database: Database, trail: AuditTrail): void {
  serve(contract.listAudit, ({ query }, { projectId }) =>
    listAudit(database, projectId, parseListQuery(AUDIT_FIELDS, query)),
  );
  serve(contract.exportAudit, async ({ query }, { projectId }) => {
    const { format, ...filters } = query;
    const asked = format === undefined ? {} : { format };
    return auditExport(
      database,
      projectId,
      parseInput(contract.auditExportQuerySchema, asked).format ?? 'jsonl',
      filters,
    );
  });
  serve(contract.verifyAudit, (_given, { projectId }) => trail.verify(projectId));
  serve(contract.getAuditEvent, ({ params }, { projectId }) => getAuditEvent(database, projectId, params.id));
}

import { AUDIT_FIELDS, type Database, listAudit, parseListQuery } from '@signalbox/core';
import type { AuditTrail } from '../audit/audit-trail.ts';
import * as contract from '../contract/audit.ts';
import type { Serve } from '../http/serve.ts';

export function auditRoutes(serve: Serve, database: Database, trail: AuditTrail): void {
  serve(contract.listAudit, ({ query }, { projectId }) =>
    listAudit(database, projectId, parseListQuery(AUDIT_FIELDS, query)),
  );
  serve(contract.verifyAudit, (_given, { projectId }) => trail.verify(projectId));
}

export { type AuditEntry, type AuditEvent, auditEventSchema } from './audit-event.ts';
export { recordAudit } from './record-audit.ts';

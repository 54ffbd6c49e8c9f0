export { type AuditEntry, type AuditEvent, auditEventSchema } from './audit-event.ts';
export { AUDIT_FIELDS } from './audit-list-store.ts';
export { dropAuditPartitions, makeAuditPartitions } from './audit-maintenance.ts';
export { AuditSealer, type AuditSealerOptions } from './audit-sealer.ts';
export { listAudit } from './list-audit.ts';
export { recordAudit, recordAudits } from './record-audit.ts';
export type { SealHead, SealKey } from './seal.ts';
export { keepSealHead, readSealHeads } from './seal-head-file.ts';
export { type AuditProblem, type AuditReport, verifyAudit } from './verify-audit.ts';

import type { AuditEvent } from './types.ts';

const FIELDS = [
  'at',
  'actor',
  'actorRole',
  'action',
  'subjectType',
  'subjectId',
  'versionBefore',
  'versionAfter',
  'changes',
  'details',
  'traceId',
  'id',
] as const satisfies readonly (keyof AuditEvent)[];

/** The names of the columns, as RFC 4180 says. */
export function auditCsvHead(): string {
  return `${FIELDS.join(',')}\r\n`;
}

/** One event; objects as JSON. */
export function auditCsvLine(event: AuditEvent): string {
  return `${FIELDS.map((name) => cell(event[name])).join(',')}\r\n`;
}

/** Spreadsheets take what begins with one of these for a formula, and names are given by anybody: a quote makes it text. */
const FORMULA = /^[=+\-@\t\r\n]/;

function cell(value: AuditEvent[(typeof FIELDS)[number]]): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const harmless = typeof value !== 'number' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

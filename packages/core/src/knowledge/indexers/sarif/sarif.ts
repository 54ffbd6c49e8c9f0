import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { readSarif, type SarifReport } from './read-sarif.ts';
import { tellFindings } from './tell-findings.ts';

export const sarif: ReportAdapter<SarifReport> = {
  format: 'sarif',
  recognises: (_source, json) =>
    typeof json === 'object' && json !== null && 'version' in json && 'runs' in json && Array.isArray(json.runs),
  read: readSarif,
  madeAt: ({ madeAt }) => (madeAt === null ? null : new Date(madeAt)),
  asks: ({ findings }) => ({ entities: [], symbolsOf: findings.flatMap(({ path }) => path ?? []), before: true }),
  tell: tellFindings,
};

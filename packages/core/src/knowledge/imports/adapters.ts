import { SignalboxError } from '../../platform/errors/index.ts';
import { junit } from '../indexers/junit/junit.ts';
import { lcov } from '../indexers/lcov/lcov.ts';
import { sarif } from '../indexers/sarif/sarif.ts';
import { scip } from '../indexers/scip/scip.ts';
import { testResults } from '../indexers/test-results/test-results.ts';
import { v8Coverage } from '../indexers/v8-coverage/v8-coverage.ts';
import { npmAudit } from '../indexers/vulnerabilities/npm-audit.ts';
import { osv } from '../indexers/vulnerabilities/osv.ts';
import { REPORT_FORMATS, type ReportFormat } from './report.ts';
import type { ReportAdapter } from './report-adapter.ts';
import { nestsTooDeep, type ReportSource } from './report-source.ts';

/** Whatever one of them reads it alone makes something of. */
const ADAPTERS: Record<ReportFormat, ReportAdapter> = {
  scip: scip as ReportAdapter,
  junit: junit as ReportAdapter,
  'test-results': testResults as ReportAdapter,
  lcov: lcov as ReportAdapter,
  'v8-coverage': v8Coverage as ReportAdapter,
  sarif: sarif as ReportAdapter,
  'npm-audit': npmAudit as ReportAdapter,
  osv: osv as ReportAdapter,
};

export function adapterOf(format: ReportFormat): ReportAdapter {
  return ADAPTERS[format];
}

/** Whose format a report is. @throws GRAPH_REPORT_UNKNOWN */
export function recognise(source: ReportSource): ReportFormat {
  const json = jsonOf(source.text);
  const found = REPORT_FORMATS.find((format) => ADAPTERS[format].recognises(source, json));
  if (!found) throw new SignalboxError('GRAPH_REPORT_UNKNOWN', { known: [...REPORT_FORMATS] });
  return found;
}

/** Undefined for what is none. */
function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || nestsTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

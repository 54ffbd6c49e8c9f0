import type { Database } from '../../platform/database/index.ts';
import { parseInput } from '../../platform/errors/index.ts';
import { FINDING_SEVERITIES, type FindingSeverity } from '../vocabulary/terms.ts';
import { readFindings, readLastReports, type StoredFinding } from './findings-store.ts';
import {
  type Finding,
  type Scanned,
  type SecurityScan,
  securityScanSchema,
  type VulnerabilityReport,
} from './security-scan.ts';

type ScanKind = keyof Scanned['summary']['byType'];

/** A secret in the code, by what its rule is called or the weakness that it names (hard-coded credentials and keys). */
const SECRET_RULE = /secret|credential|password|api-?key|private-?key|token-?leak|gitleaks|trufflehog/i;
const SECRET_WEAKNESSES = new Set(['CWE-259', 'CWE-321', 'CWE-522', 'CWE-798']);

/** What scanners and audits reported of a project's code and packages. Nothing is scanned here: findings are what was imported. */
export class Findings {
  readonly #database: Database;
  readonly #declared: (projectId: string, entityIds: readonly string[]) => Promise<readonly string[]>;

  /** @param parts `declared`: what files declare, by ids */
  constructor(parts: {
    database: Database;
    declared: (projectId: string, entityIds: readonly string[]) => Promise<readonly string[]>;
  }) {
    this.#database = parts.database;
    this.#declared = parts.declared;
  }

  /** KG-300. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async scan(projectId: string, input: SecurityScan): Promise<Scanned> {
    const { entityIds, scanTypes, severity } = parseInput(securityScanSchema, input);
    const kinds = new Set(scanTypes?.map((type): ScanKind => (type === 'sca' ? 'dependency' : type)));
    const own =
      entityIds === undefined ? null : new Set([...entityIds, ...(await this.#declared(projectId, entityIds))]);
    const all = (await readFindings(this.#database, projectId)).filter(
      (one) =>
        (kinds.size === 0 || kinds.has(kindOf(one))) &&
        (severity === undefined || severity.includes(one.severity)) &&
        (own === null || affectedBy(one).some((id) => own.has(id))),
    );
    const open = all.filter(({ status }) => status === 'open');
    const count = (kind: ScanKind) => open.filter((one) => kindOf(one) === kind).length;
    const last = await readLastReports(this.#database, projectId);
    return {
      issues: told(open.filter(({ type }) => type === 'securityIssue')),
      vulnerabilities: told(open.filter(({ type }) => type === 'vulnerability')),
      summary: {
        totalIssues: open.length,
        bySeverity: bySeverity(open),
        byType: { sast: count('sast'), secrets: count('secrets'), dependency: count('dependency') },
      },
      apart: apartOf(all),
      reported: { code: latest(last, ['sarif']), dependencies: latest(last, ['npm-audit', 'osv']) },
    };
  }

  /** KG-301. */
  async vulnerabilities(projectId: string): Promise<VulnerabilityReport> {
    const all = (await readFindings(this.#database, projectId)).filter(({ type }) => type === 'vulnerability');
    const open = all.filter(({ status }) => status === 'open');
    const parts: VulnerabilityReport['remediation'] = { immediate: [], planned: [], monitoring: [] };
    const byPackage: Record<string, Finding[]> = {};
    const vulnerabilities = told(open);
    for (const one of vulnerabilities) {
      const grave = one.severity === 'critical' || one.severity === 'high';
      const mended = typeof one.fixedInVersion === 'string' && one.fixedInVersion !== '';
      parts[grave ? 'immediate' : mended ? 'planned' : 'monitoring'].push(one);
      const name = String(one.packageName);
      byPackage[name] = [...(Object.hasOwn(byPackage, name) ? (byPackage[name] ?? []) : []), one];
    }
    return {
      summary: { total: open.length, ...bySeverity(open) },
      vulnerabilities,
      byPackage,
      remediation: parts,
      apart: apartOf(all),
      reported: latest(await readLastReports(this.#database, projectId), ['npm-audit', 'osv']),
    };
  }
}

function kindOf({ type, data }: StoredFinding): ScanKind {
  if (type === 'vulnerability') return 'dependency';
  const isSecret =
    SECRET_RULE.test(`${data.ruleId} ${data.tool}`) ||
    (typeof data.cwe === 'string' && SECRET_WEAKNESSES.has(data.cwe));
  return isSecret ? 'secrets' : 'sast';
}

/** What has it; a finding that is fixed leads nowhere, and tells itself what had it. */
function affectedBy({ affected, data }: StoredFinding): string[] {
  return typeof data.affectedEntityId === 'string' ? [...affected, data.affectedEntityId] : affected;
}

/** The most severe first, those of a severity by id. */
function told(all: readonly StoredFinding[]): Finding[] {
  const rank = (severity: FindingSeverity) => FINDING_SEVERITIES.indexOf(severity);
  return [...all]
    .sort((a, b) => rank(a.severity) - rank(b.severity))
    .map(({ id, type, data, severity, status, affected }) => ({
      ...data,
      ...{ id, type, severity, status, affectedEntities: affected },
    }));
}

function apartOf(all: readonly StoredFinding[]): Scanned['apart'] {
  const of = (wanted: StoredFinding['status']) => told(all.filter(({ status }) => status === wanted));
  return { accepted: of('accepted'), falsePositive: of('false-positive'), fixed: of('fixed') };
}

function bySeverity(open: readonly StoredFinding[]) {
  const count = (wanted: FindingSeverity) => open.filter(({ severity }) => severity === wanted).length;
  return {
    critical: count('critical'),
    high: count('high'),
    medium: count('medium'),
    low: count('low'),
    info: count('info'),
  };
}

function latest(reports: ReadonlyMap<string, Date>, formats: readonly string[]): string | null {
  const times = formats.flatMap((format) => reports.get(format)?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}

import { z } from 'zod';
import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { type ReportSource, readJson, unreadable } from '../../imports/report-source.ts';
import type { FindingSeverity } from '../../vocabulary/terms.ts';
import { type Advisory, type AdvisoryReport, askForAdvisories, tellAdvisories } from './advisory.ts';

const viaSchema = z.looseObject({
  source: z.union([z.int(), z.string()]),
  name: z.string().min(1),
  title: z.string().optional(),
  url: z.string().optional(),
  severity: z.string(),
  cwe: z.array(z.string()).nullish(),
  cvss: z.looseObject({ score: z.number().min(0).max(10).optional() }).nullish(),
  range: z.string().optional(),
});
const auditSchema = z.looseObject({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.looseObject({ name: z.string(), via: z.array(z.union([z.string(), viaSchema])) }),
  ),
});

const SEVERITIES: Record<string, FindingSeverity> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  info: 'info',
};

export const npmAudit: ReportAdapter<AdvisoryReport> = {
  format: 'npm-audit',
  recognises: (_source, json) => typeof json === 'object' && json !== null && 'auditReportVersion' in json,
  read: readNpmAudit,
  asks: askForAdvisories,
  tell: tellAdvisories,
};

/**
 * What `npm audit --json` says, of npm 7 and later. That a package depends on a vulnerable one follows from the lock file, and is not told
 * again. @throws IMPORT_UNREADABLE
 */
export function readNpmAudit(source: ReportSource): AdvisoryReport {
  const parsed = auditSchema.safeParse(readJson('npm-audit', source));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable('npm-audit', `${issue?.path.join('.') || 'the report'}: ${issue?.message}`);
  }
  const found = new Map<string, Advisory>();
  for (const { via } of Object.values(parsed.data.vulnerabilities)) {
    for (const one of via) {
      if (typeof one === 'string') continue;
      const advisory = advisoryOf(one);
      found.set(`${advisory.id} ${advisory.packageName}`, advisory);
    }
  }
  return { advisories: [...found.values()] };
}

function advisoryOf({
  source,
  name,
  title = '',
  url,
  severity,
  cwe,
  cvss,
  range = '',
}: z.infer<typeof viaSchema>): Advisory {
  // npm numbers advisories by itself; GitHub's name for the same one is known elsewhere, too.
  const [ghsa] = /GHSA(?:-[a-z0-9]{4}){3}/i.exec(url ?? '') ?? [];
  const score = cvss?.score ?? 0;
  return {
    id: ghsa ?? `npm:${source}`,
    packageName: name,
    version: '',
    severity: SEVERITIES[severity] ?? 'medium',
    description: title,
    // npm writes 0 where there is none.
    cvssScore: score > 0 ? score : null,
    affectedVersions: range,
    fixedInVersion: /^<\s*([^\s|]+)$/.exec(range.split('||').at(-1)?.split(' ').at(-1) ?? '')?.[1] ?? '',
    publishedAt: null,
    lastUpdated: null,
    cwe: cwe ?? [],
    url: url ?? null,
  };
}

import { z } from 'zod';
import type { ReportAdapter } from '../../imports/report-adapter.ts';
import { type ReportSource, readJson, unreadable } from '../../imports/report-source.ts';
import { type FindingSeverity, severityOfScore } from '../../vocabulary/terms.ts';
import { type Advisory, type AdvisoryReport, askForAdvisories, tellAdvisories } from './advisory.ts';

const instantSchema = z.iso.datetime({ offset: true });
const vulnerabilitySchema = z.looseObject({
  id: z.string().min(1),
  summary: z.string().optional(),
  details: z.string().optional(),
  published: instantSchema.optional(),
  modified: instantSchema.optional(),
  affected: z
    .array(
      z.looseObject({
        package: z.looseObject({ name: z.string(), ecosystem: z.string().optional() }).optional(),
        ranges: z
          .array(
            z.looseObject({
              events: z.array(z.looseObject({ introduced: z.string().optional(), fixed: z.string().optional() })),
            }),
          )
          .optional(),
        versions: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  database_specific: z
    .looseObject({ severity: z.string().optional(), cwe_ids: z.array(z.string()).optional() })
    .nullish(),
});
type OsvVulnerability = z.infer<typeof vulnerabilitySchema>;
const packageSchema = z.looseObject({ name: z.string().min(1), version: z.string().optional() });
const groupSchema = z.looseObject({ ids: z.array(z.string()), max_severity: z.string().optional() });
const reportSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      packages: z.array(
        z.looseObject({
          package: packageSchema,
          vulnerabilities: z.array(vulnerabilitySchema).optional(),
          groups: z.array(groupSchema).optional(),
        }),
      ),
    }),
  ),
});

const SEVERITIES: Record<string, FindingSeverity> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MODERATE: 'medium',
  MEDIUM: 'medium',
  LOW: 'low',
};

export const osv: ReportAdapter<AdvisoryReport> = {
  format: 'osv',
  recognises: (_source, json) =>
    reportSchema.safeParse(json).success ||
    (vulnerabilitySchema.safeParse(json).success && (json as object) !== null && 'affected' in (json as object)),
  read: readOsv,
  asks: askForAdvisories,
  tell: tellAdvisories,
};

/** What osv-scanner writes as JSON, or a single record of OSV. @throws IMPORT_UNREADABLE */
export function readOsv(source: ReportSource): AdvisoryReport {
  const json = readJson('osv', source);
  const single = vulnerabilitySchema.safeParse(json);
  if (single.success) {
    const names = single.data.affected?.flatMap((one) => one.package?.name ?? []) ?? [];
    return { advisories: [...new Set(names)].map((name) => advisoryOf(single.data, name, '', null)) };
  }
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable('osv', `${issue?.path.join('.') || 'the report'}: ${issue?.message}`);
  }
  const advisories = parsed.data.results.flatMap(({ packages }) =>
    packages.flatMap(({ package: { name, version = '' }, vulnerabilities = [], groups = [] }) =>
      vulnerabilities.map((one) => {
        const score = Number(groups.find(({ ids }) => ids.includes(one.id))?.max_severity || Number.NaN);
        return advisoryOf(one, name, version, Number.isFinite(score) && score >= 0 && score <= 10 ? score : null);
      }),
    ),
  );
  return { advisories };
}

function advisoryOf(one: OsvVulnerability, packageName: string, version: string, cvssScore: number | null): Advisory {
  const own = one.affected?.filter((affected) => affected.package?.name === packageName) ?? [];
  const events = own.flatMap(({ ranges = [] }) => ranges.flatMap((range) => range.events));
  const said = SEVERITIES[one.database_specific?.severity?.toUpperCase() ?? ''];
  return {
    id: one.id,
    packageName,
    version,
    // Without either nobody can tell, which is neither harmless nor grave.
    severity: said ?? (cvssScore === null ? 'medium' : severityOfScore(cvssScore)),
    description: one.summary ?? one.details?.slice(0, 2_000) ?? '',
    cvssScore,
    affectedVersions: events
      .map(({ introduced, fixed }) =>
        introduced === undefined ? (fixed === undefined ? '' : `<${fixed}`) : `>=${introduced}`,
      )
      .filter((text) => text !== '')
      .join(' '),
    fixedInVersion: events.findLast(({ fixed }) => fixed !== undefined)?.fixed ?? '',
    publishedAt: one.published ?? null,
    lastUpdated: one.modified ?? null,
    cwe: one.database_specific?.cwe_ids ?? [],
    url: `https://osv.dev/vulnerability/${encodeURIComponent(one.id)}`,
  };
}

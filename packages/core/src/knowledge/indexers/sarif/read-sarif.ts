import { z } from 'zod';
import { type ReportSource, readJson, repositoryPath, unreadable } from '../../imports/report-source.ts';
import { type FindingSeverity, severityOfScore } from '../../vocabulary/terms.ts';
import { messageSchema, type Rule, ruleReference, SarifRules, toolSchema } from './rules.ts';

const artifactSchema = z.looseObject({
  uri: z.string().optional(),
  uriBaseId: z.string().optional(),
  index: z.int().optional(),
});
const locationSchema = z.looseObject({
  physicalLocation: z
    .looseObject({
      artifactLocation: artifactSchema.optional(),
      region: z
        .looseObject({
          startLine: z.int().min(1).optional(),
          startColumn: z.int().min(1).optional(),
          snippet: messageSchema.optional(),
        })
        .optional(),
    })
    .optional(),
});
const resultSchema = z.looseObject({
  ...ruleReference,
  kind: z.string().optional(),
  level: z.string().optional(),
  rank: z.number().min(-1).max(100).optional(),
  message: messageSchema,
  locations: z.array(locationSchema).optional(),
  suppressions: z.array(z.looseObject({ status: z.string().optional() })).nullish(),
  baselineState: z.string().optional(),
  fixes: z.array(z.looseObject({ description: messageSchema.optional() })).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
type Result = z.infer<typeof resultSchema>;
const runSchema = z.looseObject({
  tool: toolSchema,
  originalUriBaseIds: z.record(z.string(), artifactSchema).optional(),
  artifacts: z.array(z.looseObject({ location: artifactSchema.optional() })).optional(),
  invocations: z
    .array(z.looseObject({ endTimeUtc: z.string().optional(), executionSuccessful: z.boolean().optional() }))
    .optional(),
  results: z.array(resultSchema).nullish(),
});
type Run = z.infer<typeof runSchema>;
const logSchema = z.looseObject({ version: z.literal('2.1.0'), runs: z.array(runSchema) });

export interface Finding {
  tool: string;
  ruleId: string;
  severity: FindingSeverity;
  title: string;
  description: string;
  cwe: string | null;
  owasp: string | null;
  /** Null where the tool names no place. */
  path: string | null;
  line: number | null;
  snippet: string;
  remediation: string;
  status: 'open' | 'fixed' | 'accepted';
  confidence: number;
}

export interface SarifReport {
  tools: string[];
  findings: Finding[];
  /** Results that report that nothing is wrong. */
  passed: number;
  /** ISO 8601. */
  madeAt: string | null;
}

const MOST_TEXT = 4_000;
/** Bases of a path that are relative to one another. */
const MOST_BASES = 20;
/** What tools say of how often a rule is right, and what that means where a rule says nothing. */
const PRECISIONS: Record<string, number> = { 'very-high': 0.95, high: 0.85, medium: 0.7, low: 0.4 };
const UNSAID_PRECISION = 0.7;
const OF_LEVEL: Record<string, FindingSeverity> = { error: 'high', warning: 'medium', note: 'low', none: 'info' };

/** Findings of a log of SARIF 2.1.0. @throws IMPORT_UNREADABLE with the place, GRAPH_REPORT_PATH */
export function readSarif(source: ReportSource): SarifReport {
  const parsed = logSchema.safeParse(readJson('sarif', source));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable('sarif', `${issue?.path.join('.') || 'the log'}: ${issue?.message}`);
  }
  const report: SarifReport = { tools: [], findings: [], passed: 0, madeAt: null };
  for (const run of parsed.data.runs) {
    if (run.invocations?.some(({ executionSuccessful }) => executionSuccessful === false)) {
      throw unreadable(
        'sarif',
        `${run.tool.driver.name} says that it did not get to its end: what it did not find says nothing`,
      );
    }
    report.tools.push(run.tool.driver.name);
    report.madeAt ??= instantOf(run.invocations?.at(-1)?.endTimeUtc);
    const rules = new SarifRules(run.tool);
    for (const result of run.results ?? []) {
      const isFinding = ['fail', 'open', 'review'].includes(result.kind ?? 'fail');
      if (isFinding) report.findings.push(findingOf(source, run, rules, result));
      else report.passed += 1;
    }
  }
  return report;
}

function findingOf(source: ReportSource, run: Run, rules: SarifRules, result: Result): Finding {
  const { id: named, rule } = rules.of(result);
  const place = result.locations?.[0]?.physicalLocation;
  const uri = place?.artifactLocation && uriOf(run, place.artifactLocation);
  const tags = [rule?.properties?.tags, result.properties?.tags].flat().filter((tag) => typeof tag === 'string');
  const message = textOf(result.message);
  return {
    tool: run.tool.driver.name,
    ruleId: named,
    severity: severityOf(result, rule),
    title: cut(textOf(rule?.shortDescription) || message || named, 300),
    description: cut(message, MOST_TEXT),
    cwe: tags.map((tag) => /cwe-?(\d+)/i.exec(tag)?.[1]).find((id) => id !== undefined) ?? null,
    owasp: tags.find((tag) => /owasp/i.test(tag)) ?? null,
    path: uri === undefined ? null : repositoryPath('sarif', source, uri),
    line: place?.region?.startLine ?? null,
    snippet: cut(textOf(place?.region?.snippet), MOST_TEXT),
    remediation: cut(textOf(result.fixes?.[0]?.description) || textOf(rule?.help), MOST_TEXT),
    status: statusOf(result),
    confidence: confidenceOf(result, rule),
  };
}

/** What a location comes to: relative to its base, which may be relative to another one. */
function uriOf(
  { originalUriBaseIds = {}, artifacts = [] }: Run,
  location: z.infer<typeof artifactSchema>,
): string | undefined {
  const { uri, uriBaseId } = location.uri === undefined ? (artifacts[location.index ?? -1]?.location ?? {}) : location;
  if (uri === undefined) return undefined;
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) return uri;
  let whole = decoded(uri);
  const seen = new Set<string>();
  for (
    let base = uriBaseId;
    base !== undefined && !seen.has(base) && seen.size < MOST_BASES;
    base = originalUriBaseIds[base]?.uriBaseId
  ) {
    seen.add(base);
    const before = originalUriBaseIds[base]?.uri;
    if (before !== undefined) whole = `${before.replace(/\/?$/, '/')}${whole}`;
  }
  return whole;
}

function severityOf({ level }: Result, rule: Rule | undefined): FindingSeverity {
  const score = Number(rule?.properties?.['security-severity'] ?? Number.NaN);
  if (Number.isFinite(score)) return severityOfScore(score);
  return OF_LEVEL[level ?? rule?.defaultConfiguration?.level ?? 'warning'] ?? 'medium';
}

function confidenceOf({ rank }: Result, rule: Rule | undefined): number {
  if (rank !== undefined && rank >= 0) return rank / 100;
  const said = rule?.properties?.precision;
  return (typeof said === 'string' ? PRECISIONS[said] : undefined) ?? UNSAID_PRECISION;
}

function statusOf({ suppressions, baselineState }: Result): Finding['status'] {
  if (baselineState === 'absent') return 'fixed';
  return suppressions?.some(({ status = 'accepted' }) => status === 'accepted') ? 'accepted' : 'open';
}

function textOf(message: z.infer<typeof messageSchema> | undefined): string {
  return message?.text ?? message?.markdown ?? '';
}

function cut(text: string, most: number): string {
  return text.length > most ? text.slice(0, most).toWellFormed() : text;
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

function instantOf(text: string | undefined): string | null {
  const at = new Date(text ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

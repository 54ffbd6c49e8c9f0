import { FINDING_SEVERITIES, type FindingSeverity } from '../vocabulary/terms.ts';

/** Where what extractors find is worth keeping (KG-151), as names of environment variables. The default and its bounds stand once, here. */
const NUMBERS = {
  AST_MIN_NAME_LENGTH: whole(3, 1, 32),
  MIN_INFERRED_CONFIDENCE: real(0.4, 0, 1),
  AST_CONF_EXTERNAL: real(0.4, 0, 1),
  AST_CONF_FILE: real(0.6, 0, 1),
  AST_CONF_CONCRETE: real(0.9, 0, 1),
  AST_BOOST_SAME_FILE: real(0, 0, 1),
  AST_BOOST_TYPECHECK: real(0, 0, 1),
  AST_BOOST_EXPORTED: real(0, 0, 1),
  AST_STEP_NAME_LEN: real(0, 0, 1),
  AST_PENALTY_IMPORT_DEPTH: real(0, 0, 1),
  AST_CONF_MULTIPLIER: real(1, 0, Number.MAX_VALUE),
  AST_CONF_MIN: real(0, 0, 1),
  AST_CONF_MAX: real(1, 0, 1),
  AST_MAX_TC_LOOKUPS_PER_FILE: whole(200, 0, 100_000),
  DOC_LINK_MIN_OCCURRENCES: whole(2, 1, 10),
  DOC_LINK_LONG_NAME: whole(10, 4, 64),
  DOC_LINK_BASE_CONF: real(0.4, 0, 1),
  DOC_LINK_STEP_CONF: real(0.2, 0, 1),
  DOC_LINK_STRONG_NAME_CONF: real(0.8, 0, 1),
  SECURITY_MIN_CONFIDENCE: real(0.6, 0, 1),
  PERF_MIN_HISTORY: whole(5, 1, 100),
  PERF_TREND_MIN_RUNS: whole(3, 1, 50),
  PERF_DEGRADING_MIN_DELTA_MS: whole(200, 0, 100_000),
  PERF_IMPACT_AVG_MS: whole(1_500, 0, 600_000),
  PERF_IMPACT_P95_MS: whole(2_000, 0, 600_000),
  PERF_SEVERITY_PERCENT_CRITICAL: real(50, 0, 100),
  PERF_SEVERITY_PERCENT_HIGH: real(25, 0, 100),
  PERF_SEVERITY_PERCENT_MEDIUM: real(10, 0, 100),
  PERF_SEVERITY_PERCENT_LOW: real(5, 0, 100),
  PERF_SEVERITY_DELTA_CRITICAL: real(2_000, 0, Number.MAX_VALUE),
  PERF_SEVERITY_DELTA_HIGH: real(1_000, 0, Number.MAX_VALUE),
  PERF_SEVERITY_DELTA_MEDIUM: real(250, 0, Number.MAX_VALUE),
  PERF_SEVERITY_DELTA_LOW: real(0, 0, Number.MAX_VALUE),
} as const;

export type NoiseSettings = Readonly<
  Record<keyof typeof NUMBERS, number> & {
    /** Lower-cased names that make no reference edge. */
    AST_STOPLIST_EXTRA: ReadonlySet<string>;
    SECURITY_MIN_SEVERITY: FindingSeverity;
  }
>;

export interface NoiseWarning {
  setting: string;
  value: string;
  reason: string;
}

type NumberRule = { kind: 'whole' | 'real'; default: number; min: number; max: number };

function whole(value: number, min: number, max: number): NumberRule {
  return { kind: 'whole', default: value, min, max };
}
function real(value: number, min: number, max: number): NumberRule {
  return { kind: 'real', default: value, min, max };
}

/**
 * The settings that an environment gives, once (KG-144, KG-150): a number that is out of its bounds is taken as the nearer bound; what
 * is no number or no severity is told of, and the default holds.
 */
export function loadNoiseSettings(
  env: Readonly<Record<string, string | undefined>>,
  onWarning: (warning: NoiseWarning) => void = () => undefined,
): NoiseSettings {
  const numbers = Object.entries(NUMBERS).map(([name, rule]) => {
    const given = env[name]?.trim() ?? '';
    return [name, given === '' ? rule.default : readNumber(name, given, rule, onWarning)];
  });
  return Object.freeze({
    ...(Object.fromEntries(numbers) as Record<keyof typeof NUMBERS, number>),
    AST_STOPLIST_EXTRA: new Set(listOf(env.AST_STOPLIST_EXTRA).map((name) => name.toLowerCase())),
    SECURITY_MIN_SEVERITY: readSeverity(env.SECURITY_MIN_SEVERITY?.trim().toLowerCase() ?? '', onWarning),
  });
}

function readNumber(
  setting: string,
  value: string,
  rule: NumberRule,
  onWarning: (warning: NoiseWarning) => void,
): number {
  const form = rule.kind === 'whole' ? /^[+-]?\d+$/ : /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
  const number = form.test(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) {
    onWarning({
      setting,
      value,
      reason: `is no ${rule.kind === 'whole' ? 'whole ' : ''}number; ${rule.default} holds`,
    });
    return rule.default;
  }
  return Math.min(rule.max, Math.max(rule.min, number));
}

function readSeverity(value: string, onWarning: (warning: NoiseWarning) => void): FindingSeverity {
  const known = FINDING_SEVERITIES.find((severity) => severity === value);
  if (known === undefined && value !== '') {
    const reason = `is none of ${FINDING_SEVERITIES.join(', ')}; medium holds`;
    onWarning({ setting: 'SECURITY_MIN_SEVERITY', value, reason });
  }
  return known ?? 'medium';
}

function listOf(value = ''): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

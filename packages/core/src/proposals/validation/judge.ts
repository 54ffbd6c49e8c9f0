import type { Issue } from '../../specs/index.ts';
import { CHECKS, type CheckName, type CheckResults, type Validation } from './validation.ts';

/**
 * What checks came to together (KG-293): passed where something ran, all that ran passed, and all that was asked for by name ran.
 * @param asked by name; null: whatever can run
 */
export function judge(
  results: CheckResults,
  asked: readonly CheckName[] | null,
  duration: number,
): Validation['overall'] {
  const tried = CHECKS.filter((name) => results[name] !== undefined);
  const of = (status: 'passed' | 'failed' | 'not_run') => tried.filter((name) => results[name]?.status === status);
  const [passed, failed, notRun] = [of('passed'), of('failed'), of('not_run')];
  const missing = (asked ?? []).filter((name) => !passed.includes(name));
  return {
    passed: passed.length > 0 && failed.length === 0 && missing.length === 0,
    score: tried.length === 0 ? 0 : Math.round((passed.length / tried.length) * 100),
    duration,
    notRun,
    failed,
  };
}

/** Of a check that finds issues: an error fails it, and so does a warning where these count. */
export function outcomeOf(issues: readonly Issue[], failOnWarnings: boolean) {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const warnings = issues.filter(({ severity }) => severity === 'warning').length;
  const failed = errors > 0 || (failOnWarnings && warnings > 0);
  const reason = failed ? `${counted(errors, 'error')}, ${counted(warnings, 'warning')}.` : null;
  return { status: failed ? ('failed' as const) : ('passed' as const), reason, errors, warnings };
}

export function notRun(reason: string) {
  return { status: 'not_run' as const, reason };
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

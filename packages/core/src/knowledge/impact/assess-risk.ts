import type { Level } from '../vocabulary/terms.ts';
import type { ImpactSeverity } from './impact.ts';

/** From how many affected entities on a change of some severity is of a higher risk. */
export interface RiskThresholds {
  /** A severe change is critical, */
  critical: number;
  /** one of medium severity high, */
  high: number;
  /** and one of low severity medium. */
  medium: number;
}

export const DEFAULT_RISK_THRESHOLDS: RiskThresholds = { critical: 20, high: 20, medium: 20 };

const BASE = { high: 'high', medium: 'medium', low: 'low' } as const;
const RAISED = { high: 'critical', medium: 'high', low: 'medium' } as const;

/**
 * How risky it is: as severe as the most severe change that affects anything, one step more where it affects many. A change that affects
 * nothing is of low risk, whatever it is.
 */
export function assessRisk(
  severity: ImpactSeverity | null,
  affected: number,
  { critical, high, medium }: RiskThresholds = DEFAULT_RISK_THRESHOLDS,
): Level {
  if (severity === null || affected === 0) return 'low';
  const many = { high: critical, medium: high, low: medium }[severity];
  return affected >= many ? RAISED[severity] : BASE[severity];
}

/** KG-276. @param isExported null where nobody knows: it may be */
export function severityOf(
  { changeType, signatureChange }: { changeType: 'modify' | 'delete' | 'rename'; signatureChange: boolean },
  isExported: boolean | null,
): ImpactSeverity {
  const exported = isExported !== false;
  if (changeType === 'delete' || signatureChange || (changeType === 'rename' && exported)) return 'high';
  return exported ? 'medium' : 'low';
}

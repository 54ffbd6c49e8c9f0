import type { Budget } from '@signalbox/client';
import { IconAlertTriangle, IconCheck, IconHandStop } from '@tabler/icons-react';
import { formatCost, formatCount, formatDuration, formatTokens } from '../ui/format.ts';
import type { Look } from '../ui/status.ts';

export type Measure = keyof Budget['spent'];
export type BudgetState = 'suffices' | 'near' | 'used_up';

/** What can be limited, as it is named and written. */
export const MEASURES: readonly { measure: Measure; label: string; write: (amount: number) => string }[] = [
  { measure: 'tokens', label: 'Tokens', write: formatTokens },
  { measure: 'costUsd', label: 'Cost', write: (usd) => formatCost(usd * 1e6) },
  { measure: 'seconds', label: 'Running time', write: formatDuration },
  { measure: 'toolCalls', label: 'Tool calls', write: formatCount },
];

export const BUDGET_LOOKS: Readonly<Record<BudgetState, Look>> = {
  suffices: { label: 'Suffices', tone: 'done', icon: IconCheck },
  near: { label: 'Nearly used up', tone: 'caution', icon: IconAlertTriangle },
  used_up: { label: 'Used up', tone: 'danger', icon: IconHandStop },
};

/** How one measure of a budget stands; null where it is not limited. */
export function measureState(budget: Pick<Budget, 'limits' | 'spent' | 'warningShare'>, measure: Measure) {
  const limit = budget.limits[measure];
  if (limit === undefined) return null;
  const spent = budget.spent[measure];
  // Calls are counted before they run, so the last one of a limit still may.
  const usedUp = measure === 'toolCalls' ? spent > limit : spent >= limit;
  const state: BudgetState = usedUp ? 'used_up' : spent >= limit * budget.warningShare ? 'near' : 'suffices';
  return { spent, limit, share: Math.min(1, spent / limit), state };
}

/** How a budget stands: as the measure of it that stands worst. */
export function budgetState(budget: Pick<Budget, 'limits' | 'spent' | 'warningShare'>): BudgetState {
  const states = MEASURES.map(({ measure }) => measureState(budget, measure)?.state);
  return (['used_up', 'near'] as const).find((state) => states.includes(state)) ?? 'suffices';
}

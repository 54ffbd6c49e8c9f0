import type { MonitoringSummary, RollbackAlert, RollbackOperation, RollbackPoint } from '@signalbox/client';
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconHeartbeat,
  IconHourglass,
  IconPencil,
  IconX,
} from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';
import type { ChosenStrategy, Resolution } from './rollback-choices.ts';

export type OperationStatus = RollbackOperation['status'];

export const OPERATION_LOOKS: Readonly<Record<OperationStatus, Look>> = {
  pending: { label: 'Pending', tone: 'idle', icon: IconHourglass },
  in_progress: { label: 'In progress', tone: 'live', icon: IconPencil },
  completed: { label: 'Completed', tone: 'done', icon: IconCheck },
  failed: { label: 'Failed', tone: 'danger', icon: IconX },
  cancelled: { label: 'Cancelled', tone: 'off', icon: IconBan },
};
export const OPERATION_STATUSES = Object.keys(OPERATION_LOOKS) as OperationStatus[];

export const HEALTH_LOOKS: Readonly<Record<MonitoringSummary['healthStatus'], Look>> = {
  healthy: { label: 'Healthy', tone: 'done', icon: IconHeartbeat },
  warning: { label: 'Warning', tone: 'caution', icon: IconAlertTriangle },
  critical: { label: 'Critical', tone: 'danger', icon: IconAlertOctagon },
};

export const SEVERITY_LOOKS: Readonly<Record<RollbackAlert['severity'], Look>> = {
  warning: HEALTH_LOOKS.warning,
  critical: HEALTH_LOOKS.critical,
};

export const ALERT_WORDS: Readonly<Record<RollbackAlert['type'], string>> = {
  failure_rate: 'Failures',
  performance: 'Slowness',
  memory: 'Storage',
  capacity: 'Too many waiting',
};

export const STRATEGY_WORDS: Readonly<Record<NonNullable<RollbackOperation['strategy']>, string>> = {
  immediate: 'Immediate',
  gradual: 'Gradual',
  safe: 'Safe',
  force: 'Force',
  partial: 'Partial',
  time_based: 'Time-based',
  dry_run: 'Dry run',
};

/** What each way of going back does, for those who have to choose. */
export const STRATEGY_ABOUT: Readonly<Record<ChosenStrategy, string>> = {
  recommended: 'Chosen by how many changes there are and how old the point is.',
  immediate: 'All changes at once, one after the other. What fails is told and the rest goes on.',
  gradual: 'In batches, with a pause between them.',
  safe: 'A backup first, each change read back, and all of it put back where one fails.',
  force: 'Overwrites whatever is there, without looking for conflicts.',
  time_based: 'Only what was changed after a moment that you name.',
};

export const RESOLUTION_WORDS: Readonly<Record<Resolution, string>> = {
  abort: 'Do nothing at all',
  skip: 'Leave them as they are',
  overwrite: 'Overwrite them',
  merge: 'Merge both sides',
  ask_user: 'Decide each',
};

export const CAPTURED_WORDS: Readonly<Record<RollbackPoint['captured'][number], string>> = {
  file: 'files',
  configuration: 'configuration',
  session_state: 'session',
  entity: 'entities',
  relationship: 'relationships',
};

export const CHANGE_WORDS = { create: 'comes back', update: 'changes', delete: 'goes', move: 'moves' } as const;

export function isOver({ status }: Pick<RollbackOperation, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

export function strategyWord(strategy: RollbackOperation['strategy']): string {
  return strategy === null ? 'not chosen yet' : STRATEGY_WORDS[strategy];
}

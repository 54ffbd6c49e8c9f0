import type { AlertThresholds } from './monitoring-settings.ts';
import type { AlertSeverity, AlertType, RaisedAlert } from './rollback-alert.ts';
import type { EndedOperation } from './rollback-figures.ts';
import { type RollbackSample, successRate } from './rollback-sample.ts';

/** Something that is measured at each sample. */
export interface Measure {
  type: AlertType;
  severity: AlertSeverity;
  /** Null where the measure is within its limit. */
  alert: RaisedAlert | null;
}

/** What a sample says against the limits, all of them strict (RB-217). */
export function measure(sample: RollbackSample, thresholds: AlertThresholds): Measure[] {
  const { metrics, pendingOperations } = sample;
  const failureRate = 100 - successRate(metrics);
  return [
    judge('failure_rate', 'critical', failureRate, thresholds.maxFailureRate, (rate, limit) => {
      return `${rate.toFixed(1)}% of the rollbacks failed; the limit is ${limit}%.`;
    }),
    judge('performance', 'warning', metrics.averageRollbackTime, thresholds.maxAverageTime, (time, limit) => {
      return `Rollbacks take ${Math.round(time)} ms on average; the limit is ${limit} ms.`;
    }),
    judge('memory', 'warning', metrics.memoryUsage, thresholds.maxMemoryUsage, (bytes, limit) => {
      return `Rollback points take ${megabytes(bytes)} MB; the limit is ${megabytes(limit)} MB.`;
    }),
    judge('capacity', 'critical', pendingOperations, thresholds.maxPendingOperations, (pending, limit) => {
      return `${pending} rollbacks are waiting to begin; the limit is ${limit}.`;
    }),
  ];
}

/** What the end of one operation gives rise to (RB-218); null for most. */
export function alertFor(operation: EndedOperation, { maxAverageTime }: AlertThresholds): RaisedAlert | null {
  const { id, status, durationMs } = operation;
  if (status === 'failed') {
    const error = operation.error ?? null;
    const why = error === null ? '' : `: ${error}`;
    return {
      type: 'failure_rate',
      severity: 'warning',
      message: `The rollback ${id} failed${why}`,
      data: { operationId: id, error },
    };
  }
  const limit = SLOW_FACTOR * maxAverageTime;
  if (status !== 'completed' || durationMs <= limit) return null;
  return {
    type: 'performance',
    severity: 'warning',
    message: `The rollback ${id} took ${Math.round(durationMs)} ms; the limit for one is ${limit} ms.`,
    data: { operationId: id, duration: durationMs },
  };
}

/** How much longer than the average may be one may take (RB-218). */
const SLOW_FACTOR = 2;

function judge(
  type: AlertType,
  severity: AlertSeverity,
  value: number,
  threshold: number,
  message: (value: number, threshold: number) => string,
): Measure {
  const alert =
    value > threshold ? { type, severity, message: message(value, threshold), data: { value, threshold } } : null;
  return { type, severity, alert };
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}

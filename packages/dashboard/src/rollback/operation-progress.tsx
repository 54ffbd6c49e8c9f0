import { Progress } from '@mantine/core';
import type { RollbackOperation } from '@signalbox/client';
import classes from './rollback.module.css';

/** How far a rollback is; one that failed or was cancelled stands where it got to. */
export function OperationProgress({ operation: { progress, status } }: { operation: RollbackOperation }) {
  const colour = status === 'failed' ? 'red.8' : status === 'cancelled' ? 'gray.6' : 'signal';
  return (
    <div className={classes.progress}>
      <Progress value={progress} size={6} color={colour} aria-label={`${progress} % done`} />
      <span>{progress} %</span>
    </div>
  );
}

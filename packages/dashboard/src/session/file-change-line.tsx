import classes from './file-change-line.module.css';
import { FileOperation } from './file-operation.tsx';
import type { Payload } from './payloads.ts';

/** A changed file in one line: what happened to it, where it is, how many lines. */
export function FileChangeLine({ change }: { change: Payload<'file_change'> }) {
  return (
    <>
      <FileOperation operation={change.operation} />
      <span className={classes.path}>
        {change.operation === 'renamed' && change.oldPath ? `${change.oldPath} → ` : ''}
        {change.path}
      </span>
      <LineCounts additions={change.additions} deletions={change.deletions} binary={change.binary} />
    </>
  );
}

export function LineCounts(props: { additions: number; deletions: number; binary: boolean }) {
  if (props.binary) return <span className={classes.binary}>binary</span>;
  return (
    <span className={classes.counts}>
      <span className={classes.added}>+{props.additions}</span>
      <span className={classes.deleted}>−{props.deletions}</span>
    </span>
  );
}

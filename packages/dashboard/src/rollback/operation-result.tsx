import type { RollbackOperation } from '@signalbox/client';
import { CodeList } from '../ui/code-list.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import classes from './rollback.module.css';

/** How a rollback ended: what was changed, what was left, and what went wrong. */
export function OperationResult({ operation }: { operation: RollbackOperation }) {
  const { error, result, preview, mutating } = operation;
  return (
    <>
      {error !== null && <FailureNote title={whatHolds(operation)} detail={error.message} code={error.code} />}
      {!mutating && preview !== null && (
        <Panel title="What it would do">
          <Facts>
            <Fact label="Changes">{formatCount(preview.totalChanges)}</Fact>
            <Fact label="Conflicts">{formatCount(preview.potentialConflicts.length)}</Fact>
          </Facts>
        </Panel>
      )}
      {mutating && result !== null && (
        <Panel title="Result">
          <Facts>
            <Fact label="Changed">
              {formatCount(result.appliedChanges)} of {formatCount(result.totalChanges)}
            </Fact>
            <Fact label="Conflicts">
              {result.conflicts.found === 0
                ? 'none'
                : `${formatCount(result.conflicts.found)}, ${formatCount(result.conflicts.resolved)} resolved`}
            </Fact>
            {result.skipped.length > 0 && (
              <Fact label="Left out">
                <CodeList items={result.skipped.map((code) => ({ code }))} />
              </Fact>
            )}
            {result.errors.length > 0 && (
              <Fact label="Went wrong">
                <ul className={classes.listing}>
                  {result.errors.map(({ type, id, action, code, error: why, recoverable }) => (
                    <li key={`${type} ${id} ${action}`}>
                      <code>{id}</code> could not {action}: {why} ({code}
                      {recoverable && ', trying again may help'})
                    </li>
                  ))}
                </ul>
              </Fact>
            )}
          </Facts>
        </Panel>
      )}
    </>
  );
}

function whatHolds({ result, status }: RollbackOperation): string {
  const end = status === 'cancelled' ? 'It was cancelled' : 'It failed';
  if (result?.restored === 'old') return `${end}; everything is as it was before it`;
  if (result?.restored === 'partial') return `${end}; some of it could not be put back`;
  if (result !== null && result.appliedChanges > 0) return `${end}; what it had changed by then stays changed`;
  return `${end} before anything was changed`;
}

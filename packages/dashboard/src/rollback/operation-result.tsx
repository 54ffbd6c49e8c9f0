import { Alert } from '@mantine/core';
import type { RollbackOperation } from '@signalbox/client';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import note from '../ui/problem-note.module.css';
import classes from './rollback.module.css';

/** How a rollback ended: what was changed, what was left, and what went wrong. */
export function OperationResult({ operation }: { operation: RollbackOperation }) {
  const { error, result, preview, mutating } = operation;
  return (
    <>
      {error !== null && (
        <Alert
          role="alert"
          className={note.note}
          data-tone="danger"
          icon={<IconAlertTriangle size={18} aria-hidden />}
          title={whatHolds(operation)}
          variant="default"
        >
          <p className={note.detail}>{error.message}</p>
          <p className={note.code}>{error.code}</p>
        </Alert>
      )}
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
                <Listing items={result.skipped} />
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

function Listing({ items }: { items: readonly string[] }) {
  return (
    <ul className={classes.listing}>
      {items.map((item) => (
        <li key={item}>
          <code>{item}</code>
        </li>
      ))}
    </ul>
  );
}

function whatHolds({ result, status }: RollbackOperation): string {
  const end = status === 'cancelled' ? 'It was cancelled' : 'It failed';
  if (result?.restored === 'old') return `${end}; everything is as it was before it`;
  if (result?.restored === 'partial') return `${end}; some of it could not be put back`;
  if (result !== null && result.appliedChanges > 0) return `${end}; what it had changed by then stays changed`;
  return `${end} before anything was changed`;
}

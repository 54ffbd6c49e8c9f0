import { Alert } from '@mantine/core';
import type { Undo } from '@signalbox/client';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import note from '../ui/problem-note.module.css';
import classes from './undo-operation-page.module.css';

/** How an undo ended: what was written, what somebody else had written meanwhile, and what went wrong. */
export function UndoResult({ undo }: { undo: Undo }) {
  const { report, error, plan, restored } = undo;
  const commits = plan?.commits ?? [];
  return (
    <>
      {error !== null && (
        <Alert
          role="alert"
          className={note.note}
          data-tone="danger"
          icon={<IconAlertTriangle size={18} aria-hidden />}
          title={wentBack(restored)}
          variant="default"
        >
          <p className={note.detail}>{error.message}</p>
          <p className={note.code}>{error.code}</p>
        </Alert>
      )}
      {report !== null && (
        <Panel title="Result">
          <Facts>
            <Fact label="Written">{formatCount(report.written)}</Fact>
            {report.restored > 0 && <Fact label="Went back">{formatCount(report.restored)}</Fact>}
            {report.untouched > 0 && <Fact label="Not touched">{formatCount(report.untouched)}</Fact>}
            <Fact label="Left alone">
              {report.foreign.length === 0 ? (
                'nothing: nobody else wrote there meanwhile'
              ) : (
                <>
                  Somebody else wrote these meanwhile, so they were not touched:
                  <Listing items={report.foreign} />
                </>
              )}
            </Fact>
            {plan !== null && plan.directories.created.length > 0 && (
              <Fact label="Folders made">
                <Listing items={plan.directories.created} />
              </Fact>
            )}
            {plan !== null && plan.directories.removed.length > 0 && (
              <Fact label="Folders removed">
                <Listing items={plan.directories.removed} />
              </Fact>
            )}
            {report.revertCommit !== null && (
              <Fact label="Commit">
                <code>{report.revertCommit.slice(0, 12)}</code>
              </Fact>
            )}
            {commits.length > 0 && (
              <Fact label="Commits that stay">
                <ul className={classes.listing}>
                  {commits.map(({ oid, subject }) => (
                    <li key={oid}>
                      <code>{oid.slice(0, 10)}</code> {subject}
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

function wentBack(restored: Undo['restored']): string {
  if (restored === 'old') return 'It failed; all files are as they were before it';
  if (restored === 'partial') return 'It failed; some files could not be set back';
  return 'It failed before anything was written';
}

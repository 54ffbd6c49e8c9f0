import type { Undo } from '@signalbox/client';
import { CodeList } from '../ui/code-list.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';

/** How an undo ended: what was written, what somebody else had written meanwhile, and what went wrong. */
export function UndoResult({ undo }: { undo: Undo }) {
  const { report, error, plan, restored } = undo;
  const commits = plan?.commits ?? [];
  return (
    <>
      {error !== null && <FailureNote title={wentBack(restored)} detail={error.message} code={error.code} />}
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
                  <CodeList items={report.foreign.map((code) => ({ code }))} />
                </>
              )}
            </Fact>
            {plan !== null && plan.directories.created.length > 0 && (
              <Fact label="Folders made">
                <CodeList items={plan.directories.created.map((code) => ({ code }))} />
              </Fact>
            )}
            {plan !== null && plan.directories.removed.length > 0 && (
              <Fact label="Folders removed">
                <CodeList items={plan.directories.removed.map((code) => ({ code }))} />
              </Fact>
            )}
            {report.revertCommit !== null && (
              <Fact label="Commit">
                <code>{report.revertCommit.slice(0, 12)}</code>
              </Fact>
            )}
            {commits.length > 0 && (
              <Fact label="Commits that stay">
                <CodeList items={commits.map(({ oid, subject }) => ({ code: oid.slice(0, 10), words: subject }))} />
              </Fact>
            )}
          </Facts>
        </Panel>
      )}
    </>
  );
}

function wentBack(restored: Undo['restored']): string {
  if (restored === 'old') return 'It failed; all files are as they were before it';
  if (restored === 'partial') return 'It failed; some files could not be set back';
  return 'It failed before anything was written';
}

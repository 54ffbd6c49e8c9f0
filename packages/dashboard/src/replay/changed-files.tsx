import type { JournalEvent } from '@signalbox/client';
import { IconFileOff } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { changedFiles } from '../session/changed-files.ts';
import { DiffView } from '../session/diff-view.tsx';
import { FileChangeLine, LineCounts } from '../session/file-change-line.tsx';
import { FileOperation } from '../session/file-operation.tsx';
import { Blank } from '../ui/blank.tsx';
import { FileTree } from '../ui/file-tree.tsx';
import { formatClock, formatCount } from '../ui/format.ts';
import classes from './replay-tab.module.css';

interface Props {
  /** All changes up to the moment. */
  changes: readonly JournalEvent[];
  seq: number;
  /** Whether all of them have been read. */
  complete: boolean;
}

/** Of one file so many changes are shown at once. */
const SHOWN = 20;

/** What the session had done to files by then; the last change of the chosen one first. */
export function ChangedFiles({ changes, seq, complete }: Props) {
  const files = useMemo(() => changedFiles(changes), [changes]);
  const [wanted, setWanted] = useState<string | null>(null);
  const touched = files.find((file) => file.changes.at(-1)?.seq === seq);
  const latest = files.toSorted((a, b) => (b.changes.at(-1)?.seq ?? 0) - (a.changes.at(-1)?.seq ?? 0))[0];
  // What changes at this very moment is what one wants to see.
  const chosen = touched ?? files.find(({ path }) => path === wanted) ?? latest;
  if (chosen === undefined) {
    return (
      <Blank icon={<IconFileOff size={24} />} title={complete ? 'No file was changed by then' : 'Reading the changes'}>
        {complete && 'Go further, and changes show as the journal tells of them.'}
      </Blank>
    );
  }
  return (
    <>
      <p className={classes.captured}>{formatCount(files.length)} changed so far</p>
      <div className={classes.allFiles}>
        <FileTree
          label="Files changed so far"
          items={files}
          chosen={chosen.path}
          onChoose={setWanted}
          virtual
          mark={(file) => (
            <>
              <LineCounts additions={file.additions} deletions={file.deletions} binary={file.binary} />
              <FileOperation operation={file.operation} />
            </>
          )}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard */}
      <section className={classes.diffs} aria-label={`Changes of ${chosen.path} so far`} tabIndex={0}>
        {chosen.changes.length > SHOWN && (
          <p className={classes.same}>
            The {SHOWN} latest of {formatCount(chosen.changes.length)} changes.
          </p>
        )}
        {chosen.changes
          .slice(-SHOWN)
          .toReversed()
          .map((change) => (
            <div key={change.seq} data-now={change.seq === seq || undefined} className={classes.change}>
              <header className={classes.head}>
                <FileChangeLine change={change.change} />
                <span className={classes.quiet}>
                  {formatClock(change.at)} · {change.actor} · event {change.seq}
                  {change.seq === seq && ', now'}
                </span>
              </header>
              <DiffView change={change.change} />
            </div>
          ))}
      </section>
    </>
  );
}

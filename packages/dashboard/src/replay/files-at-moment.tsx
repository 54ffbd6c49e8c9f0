import { SegmentedControl } from '@mantine/core';
import type { JournalEvent, Session } from '@signalbox/client';
import { ChangedFiles } from './changed-files.tsx';
import classes from './replay-tab.module.css';
import { WholeFiles } from './whole-files.tsx';

interface Props {
  session: Session;
  /** All changes up to the moment. */
  changes: readonly JournalEvent[];
  seq: number;
  /** Whether all of them have been read. */
  complete: boolean;
  /** Whether to show all files, or those that the session changed. */
  all: boolean;
  onAll: (all: boolean) => void;
  file: string | undefined;
  onFile: (path: string) => void;
}

/** The files at the moment: all there were, or what the session had done to some. */
export function FilesAtMoment({ session, changes, seq, complete, all, onAll, file, onFile }: Props) {
  const { id } = session;
  const workspaceId = session.treeWorkspaceId ?? session.workspaceId;
  return (
    <section className={classes.files} aria-label="Files at this moment">
      <header className={classes.filesHead}>
        <h2 className={classes.filesTitle}>Files</h2>
        {workspaceId !== null && (
          <SegmentedControl
            size="xs"
            aria-label="Files shown"
            data={[
              { value: 'all', label: 'As they were' },
              { value: 'changed', label: 'Changed so far' },
            ]}
            value={all ? 'all' : 'changed'}
            onChange={(value) => onAll(value === 'all')}
          />
        )}
      </header>
      {workspaceId !== null && all ? (
        <WholeFiles sessionId={id} workspaceId={workspaceId} seq={seq} file={file} onFile={onFile} />
      ) : (
        <ChangedFiles changes={changes} seq={seq} complete={complete} />
      )}
    </section>
  );
}

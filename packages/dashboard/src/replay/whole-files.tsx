import { Loader } from '@mantine/core';
import type { SessionFiles } from '@signalbox/client';
import { IconFileOff } from '@tabler/icons-react';
import { useMemo } from 'react';
import { FileOperation } from '../session/file-operation.tsx';
import { Blank } from '../ui/blank.tsx';
import { FileTree } from '../ui/file-tree.tsx';
import { formatBytes, formatClock, formatCount } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { FileAtMoment } from './file-at-moment.tsx';
import classes from './replay-tab.module.css';
import { useFilesAt } from './use-files-at.ts';

interface Props {
  sessionId: string;
  workspaceId: string;
  seq: number;
  /** The file that is looked at. */
  file: string | undefined;
  onFile: (path: string) => void;
}

/** All files of the workspace as they were at the moment, and one of them. */
export function WholeFiles({ sessionId, workspaceId, seq, file, onFile }: Props) {
  const { data, error, isPlaceholderData } = useFilesAt(sessionId, seq);
  const items = useMemo(() => (data === undefined ? [] : filesThen(data)), [data]);
  const chosen = items.find(({ path }) => path === file) ?? items.find(({ change }) => change !== null) ?? items[0];
  if (error !== null) return <ProblemNote error={error} />;
  if (data === undefined) return <Loader size="sm" m="lg" aria-label="Reading the files" />;
  return (
    <>
      <p className={classes.captured} aria-busy={isPlaceholderData}>
        {formatCount(data.files.length)} files, {formatBytes(data.capture.bytes)}, as captured{' '}
        {formatClock(data.capture.takenAt)}
        {data.changes.length > 0 &&
          `; ${formatCount(data.changes.length)} ${data.changes.length === 1 ? 'differs' : 'differ'} from the capture before`}
      </p>
      {chosen === undefined ? (
        <Blank icon={<IconFileOff size={24} />} title="There was no file" />
      ) : (
        <>
          <div className={classes.allFiles}>
            <FileTree
              label="Files at this moment"
              items={items}
              chosen={chosen.path}
              onChoose={onFile}
              virtual
              mark={({ size, change }) => (
                <>
                  {size !== null && <span className={classes.quiet}>{formatBytes(size)}</span>}
                  {change !== null && <FileOperation operation={change.operation} />}
                </>
              )}
            />
          </div>
          <FileAtMoment
            key={chosen.path}
            sessionId={sessionId}
            workspaceId={workspaceId}
            seq={data.seq}
            captureId={data.capture.id}
            file={chosen}
          />
        </>
      )}
    </>
  );
}

/** A file at a moment, or one that the capture before still had. */
export interface FileThen {
  path: string;
  /** Bytes; null where it is gone. */
  size: number | null;
  /** How it differs from the capture before; null where it does not. */
  change: SessionFiles['changes'][number] | null;
}

function filesThen({ files, changes }: SessionFiles): FileThen[] {
  const changed = new Map(changes.map((change) => [change.path, change]));
  const there = files.map(({ path, size }) => ({ path, size, change: changed.get(path) ?? null }));
  const gone = changes.filter(({ operation }) => operation === 'deleted');
  return [...there, ...gone.map((change) => ({ path: change.path, size: null, change }))];
}

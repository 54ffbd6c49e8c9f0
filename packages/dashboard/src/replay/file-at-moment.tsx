import { Loader, SegmentedControl } from '@mantine/core';
import type { FileContent } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { DiffView } from '../session/diff-view.tsx';
import { TextDiff } from '../session/text-diff.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { TextLines } from '../ui/text-lines.tsx';
import classes from './replay-tab.module.css';
import { useFileAt, useFileNow } from './use-files-at.ts';
import type { FileThen } from './whole-files.tsx';

interface Props {
  sessionId: string;
  workspaceId: string;
  seq: number;
  captureId: string;
  file: FileThen;
}

const VIEWS = [
  { value: 'content', label: 'Content' },
  { value: 'before', label: 'Since the capture before' },
  { value: 'now', label: 'From then to now' },
];

/** One file as it was: its content, what was new in it, and what has become of it since. */
export function FileAtMoment({ sessionId, workspaceId, seq, captureId, file: { path, size, change } }: Props) {
  const [wanted, setWanted] = useState<string | null>(null);
  const view = wanted ?? (change === null ? 'content' : 'before');
  const then = useFileAt(sessionId, { seq, captureId }, view === 'before' || size === null ? null : path);
  const now = useFileNow(workspaceId, view === 'now' ? path : null);
  const error = then.error ?? now.error;
  return (
    <section className={classes.one} aria-label={path}>
      <div className={classes.oneHead}>
        <h3 className={classes.oneTitle}>{path}</h3>
        <SegmentedControl size="xs" aria-label="What to show of it" data={VIEWS} value={view} onChange={setWanted} />
        <Link to="/workspaces/$workspaceId/blame" params={{ workspaceId }} search={{ path }}>
          Who wrote its lines
        </Link>
      </div>
      {error !== null ? (
        <ProblemNote error={error} />
      ) : view === 'before' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
        <section className={classes.diffs} aria-label={`What was new in ${path}`} tabIndex={0}>
          {change === null ? (
            <p className={classes.same}>It is the same as in the capture before.</p>
          ) : (
            <DiffView change={change} />
          )}
        </section>
      ) : view === 'now' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
        <section className={classes.diffs} aria-label={`What has become of ${path} since`} tabIndex={0}>
          {now.data === undefined || (size !== null && then.data === undefined) ? (
            <Loader size="sm" aria-label={`Reading ${path}`} />
          ) : (
            <Compared path={path} then={size === null ? null : (then.data ?? null)} now={now.data} />
          )}
        </section>
      ) : size === null ? (
        <p className={classes.same}>It was not there any more.</p>
      ) : then.data === undefined ? (
        <Loader size="sm" m="lg" aria-label={`Reading ${path}`} />
      ) : (
        <Content file={then.data} />
      )}
    </section>
  );
}

function Content({ file }: { file: FileContent }) {
  if (file.text === null) return <p className={classes.same}>A binary file; its content is not shown.</p>;
  if (file.size === 0) return <p className={classes.same}>It was empty.</p>;
  return (
    <>
      {file.truncated && <p className={classes.same}>Its first mebibyte:</p>}
      <TextLines label={`Content of ${file.path}`} text={file.text} />
    </>
  );
}

function Compared({ path, then, now }: { path: string; then: FileContent | null; now: FileContent | null }) {
  if (then?.binary || now?.binary) return <p className={classes.same}>A binary file; its content is not compared.</p>;
  if (then?.truncated || now?.truncated) return <p className={classes.same}>It is too long to be compared here.</p>;
  return <TextDiff path={path} before={then?.text ?? null} after={now?.text ?? null} />;
}

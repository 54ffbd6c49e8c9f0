import { Button, Loader, UnstyledButton } from '@mantine/core';
import type { Session } from '@signalbox/client';
import { IconFileOff } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Blank } from '../ui/blank.tsx';
import { formatClock } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { literalPattern } from '../undo/undo-choices.ts';
import { type ChangedFile, changedFiles } from './changed-files.ts';
import { DiffView } from './diff-view.tsx';
import { FileChangeLine, LineCounts } from './file-change-line.tsx';
import { FileOperation } from './file-operation.tsx';
import classes from './files-tab.module.css';
import { useJournal } from './use-journal.ts';

const route = getRouteApi('/sessions/$sessionId');
const CHANGES_ONLY = ['file_change'] as const;

/** The files a session changed, with each change as it was recorded. */
export default function FilesTab({ session }: { session: Session }) {
  const sessionId = session.id;
  const workspaceId = session.treeWorkspaceId ?? session.workspaceId;
  const journal = useJournal(sessionId, CHANGES_ONLY);
  const files = useMemo(() => changedFiles(journal.events), [journal.events]);
  const { file: wanted } = route.useSearch();
  const navigate = useNavigate({ from: '/sessions/$sessionId' });
  const chosen = files.find(({ path }) => path === wanted) ?? files[0];

  if (journal.error !== null && files.length === 0) return <ProblemNote error={journal.error} />;
  if (!journal.loaded) return <Loader size="sm" m="lg" aria-label="Loading the changes" />;
  if (chosen === undefined) {
    return (
      <Blank icon={<IconFileOff size={26} />} title="No file was changed">
        Changes show here as soon as they are recorded.
      </Blank>
    );
  }
  return (
    <div className={classes.files}>
      <nav className={classes.list} aria-label="Changed files">
        {files.map((file) => (
          <UnstyledButton
            key={file.path}
            className={classes.file}
            aria-current={file === chosen}
            title={file.path}
            onClick={() => void navigate({ search: (before) => ({ ...before, file: file.path }), replace: true })}
          >
            <FileOperation operation={file.operation} />
            <PathText path={file.path} />
            <LineCounts additions={file.additions} deletions={file.deletions} binary={file.binary} />
          </UnstyledButton>
        ))}
        {journal.hasOlder && (
          <Button
            size="compact-xs"
            variant="subtle"
            loading={journal.loadingOlder}
            onClick={() => void journal.loadOlder()}
          >
            Read earlier changes
          </Button>
        )}
      </nav>
      <OneFile file={chosen} sessionId={sessionId} workspaceId={workspaceId} />
    </div>
  );
}

function OneFile(props: { file: ChangedFile; sessionId: string; workspaceId: string | null }) {
  const { file, sessionId, workspaceId } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
    <section className={classes.changes} aria-label={file.path} tabIndex={0}>
      <p className={classes.undo}>
        {workspaceId !== null && (
          <Link to="/workspaces/$workspaceId/blame" params={{ workspaceId }} search={{ path: file.path }}>
            Who wrote its lines
          </Link>
        )}
        <Link to="/sessions/$sessionId/undo" params={{ sessionId }} search={{ paths: literalPattern(file.path) }}>
          Undo this file…
        </Link>
      </p>
      {file.changes.map(({ seq, at, actor, change }) => (
        <div key={seq} className={classes.change}>
          <header className={classes.head}>
            <FileChangeLine change={change} />
            <span className={classes.when}>
              {formatClock(at)} · {actor} · event {seq}
            </span>
          </header>
          <DiffView change={change} />
        </div>
      ))}
    </section>
  );
}

/** A path whose end stays readable when there is little room. */
function PathText({ path }: { path: string }) {
  const cut = path.lastIndexOf('/') + 1;
  return (
    <span className={classes.path}>
      {cut > 0 && <span className={classes.folder}>{path.slice(0, cut)}</span>}
      <span className={classes.name}>{path.slice(cut)}</span>
    </span>
  );
}

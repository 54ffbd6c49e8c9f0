import { Loader } from '@mantine/core';
import type { Approval } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useFileNow } from '../replay/use-files-at.ts';
import { TextDiff } from '../session/text-diff.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './approvals.module.css';
import { changedText, type ProposedChange, pathWithin, proposedChange } from './proposed-change.ts';

/** What a call would make of a file: from how it is now to what it would be. Nothing for calls that name no file. */
export function ChangePreview({ approval }: { approval: Approval }) {
  const change = proposedChange(approval.editedArguments ?? approval.arguments);
  if (change === null) return null;
  return (
    <Panel title="What would change" note={change.kind === 'patch' ? undefined : change.path}>
      <div className={classes.inset}>
        {change.kind === 'patch' ? (
          <pre className={classes.exact}>{change.text}</pre>
        ) : (
          <FileChange approval={approval} change={change} />
        )}
      </div>
    </Panel>
  );
}

type OfFile = Exclude<ProposedChange, { kind: 'patch' }>;

function FileChange({ approval, change }: { approval: Approval; change: OfFile }) {
  const { workingDirectory } = approval;
  const within = workingDirectory === null ? null : pathWithin(workingDirectory, change.path);
  const place = useWorkspaceOf(within === null ? null : approval.sessionId);
  const reads = within !== null && place.data !== undefined && place.data !== null;
  const now = useFileNow(place.data ?? '', reads ? within : null);
  if (approval.status !== 'pending')
    return <Pieces change={change} why="It is decided: what the file was then is not compared." />;
  if (within === null)
    return (
      <Pieces change={change} why="It lies outside of the directory in which the session works, and is not read." />
    );
  const error = place.error ?? now.error;
  if (error !== null) {
    return (
      <>
        <ProblemNote error={error} />
        <Pieces change={change} why="The file could not be read." />
      </>
    );
  }
  if (place.data === null) return <Pieces change={change} why="The session has no workspace to read the file in." />;
  if (now.data === undefined) return <Loader size="sm" aria-label={`Reading ${change.path}`} />;
  if (now.data?.binary) return <Pieces change={change} why="The file is binary." />;
  if (now.data?.truncated) return <Pieces change={change} why="The file is too long to be compared here." />;
  const before = now.data?.text ?? null;
  const after = changedText(change, before);
  if (after === null) return <Pieces change={change} why="What is to be replaced is not in the file as it is now." />;
  return <TextDiff path={change.path} before={before} after={after} />;
}

/** What is known without the file: the new content, or each piece with what takes its place. */
function Pieces({ change, why }: { change: OfFile; why: string }) {
  return (
    <>
      <p className={classes.quiet}>{why}</p>
      {change.kind === 'write' ? (
        <TextDiff path={change.path} before={null} after={change.content} />
      ) : (
        change.replacements.map(({ before, after }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one call never move
          <TextDiff key={index} path={change.path} before={before} after={after} />
        ))
      )}
    </>
  );
}

/** The workspace in which a session works: its own where it works apart. Null where it has none. */
function useWorkspaceOf(sessionId: string | null) {
  const { client, project } = useApi();
  return useQuery({
    queryKey: [...keys.approvals(project), 'workspace', sessionId],
    queryFn: async ({ signal }) => {
      const { workspaceId, treeWorkspaceId } = await client.sessions.get(sessionId ?? '', [], { signal });
      return treeWorkspaceId ?? workspaceId;
    },
    enabled: sessionId !== null,
    staleTime: 60_000,
  });
}

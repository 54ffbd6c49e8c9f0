import { Button } from '@mantine/core';
import type { Undo } from '@signalbox/client';
import { IconArrowForwardUp, IconBan, IconEye } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { FileTree } from '../ui/file-tree.tsx';
import { formatDateTime } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { PlanSummary } from './plan-summary.tsx';
import { isOver, OUTCOME_LOOKS, outcomeCounts, UNDO_LOOKS } from './undo-looks.ts';
import classes from './undo-operation-page.module.css';
import { UndoProgress } from './undo-progress.tsx';
import { UndoResult } from './undo-result.tsx';
import { selectionWords } from './undo-words.ts';
import { useUndo } from './use-undos.ts';

const route = getRouteApi('/undos/$undoId');

/** One undo, live: how far it is, what it did, and the way back. */
export function UndoOperationPage() {
  const { undoId } = route.useParams();
  const { data, error, refetch } = useUndo(undoId);
  if (data === undefined) {
    return (
      <PageToCome title="Undo" error={error} onAgain={() => void refetch()}>
        <Link to="/undos">All undos</Link>
      </PageToCome>
    );
  }
  return <OneUndo undo={data} error={error} />;
}

function OneUndo({ undo, error }: { undo: Undo; error: Error | null }) {
  const { plan, undoes, workspaceId, selection } = undo;
  const names = useWorkspaceNames();
  const sessionIds = plan?.sessionIds ?? selection.sessionIds ?? [];
  const titles = useSessionTitles(sessionIds);
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Page
      title={undoes === null ? 'Undo' : 'Redo'}
      crumbs={
        <Crumbs>
          <Link to="/undos">Undos</Link>
          <span>{selectionWords(undo, titles)}</span>
        </Crumbs>
      }
      note={<LookBadge look={UNDO_LOOKS[undo.status]} status={undo.status} beating={undo.status === 'applying'} />}
      actions={<Verbs undo={undo} />}
    >
      {error !== null && <ProblemNote error={error} />}
      <UndoProgress undo={undo} />
      <UndoResult undo={undo} />
      <div className={classes.columns}>
        <Panel title="What it is about">
          <Facts>
            <Fact label="Sessions">
              {sessionIds.length === 0
                ? 'none'
                : sessionIds.map((sessionId) => (
                    <div key={sessionId}>
                      <Link to="/sessions/$sessionId" params={{ sessionId }}>
                        {titles.get(sessionId) ?? sessionId}
                      </Link>
                    </div>
                  ))}
            </Fact>
            {undoes !== null && (
              <Fact label="Takes back">
                <Link to="/undos/$undoId" params={{ undoId: undoes }}>
                  an earlier undo
                </Link>
              </Fact>
            )}
            <Fact label="Workspace">{names.get(workspaceId) ?? workspaceId}</Fact>
            <Fact label="Asked for by">{undo.requestedBy}</Fact>
            <Fact label="Asked for">{formatDateTime(undo.createdAt)}</Fact>
            <Fact label="Began to write">{formatDateTime(undo.startedAt)}</Fact>
            <Fact label="Ended">{formatDateTime(undo.finishedAt)}</Fact>
          </Facts>
        </Panel>
        <Panel title="Paths" note={plan === null ? 'not planned yet' : `${plan.paths.length} in the plan`}>
          {plan !== null && (
            <>
              <div className={classes.summary}>
                <PlanSummary counts={outcomeCounts(plan.paths)} leftOut={plan.leftOut.length} />
              </div>
              <FileTree
                label="Paths of the undo"
                items={plan.paths}
                chosen={chosen}
                onChoose={setChosen}
                mark={({ outcome }) => <LookBadge look={OUTCOME_LOOKS[outcome]} status={outcome} />}
              />
            </>
          )}
        </Panel>
      </div>
    </Page>
  );
}

function Verbs({ undo }: { undo: Undo }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => client.undos.cancel(undo.id),
    onSuccess: () => notifyDone('The undo was cancelled; nothing was written.'),
    onError: (error) => notifyProblem(error, 'It could not be cancelled'),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.undos(project) }),
  });
  const [sessionId, ...others] = undo.selection.sessionIds ?? [];
  return (
    <>
      {(undo.status === 'planned' || undo.status === 'waiting') && (
        <ActionButton
          label="Cancel"
          icon={IconBan}
          loading={cancel.isPending}
          ask={{
            title: 'Cancel this undo?',
            body: 'It has not begun to write: nothing changes.',
            confirm: 'Cancel the undo',
            onConfirm: () => cancel.mutate(),
          }}
        />
      )}
      {undo.status !== 'completed' && isOver(undo) && sessionId !== undefined && others.length === 0 && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconEye size={14} aria-hidden />}
          renderRoot={(props) => <Link to="/sessions/$sessionId/undo" params={{ sessionId }} {...props} />}
        >
          Preview again
        </Button>
      )}
      {undo.status === 'completed' && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowForwardUp size={14} aria-hidden />}
          renderRoot={(props) => <Link to="/undos/$undoId/redo" params={{ undoId: undo.id }} {...props} />}
        >
          Redo…
        </Button>
      )}
    </>
  );
}

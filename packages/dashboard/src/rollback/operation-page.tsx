import { Button } from '@mantine/core';
import type { RollbackOperation } from '@signalbox/client';
import { IconBan, IconRestore } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatDateTime, formatDuration, NOTHING } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { OperationLog } from './operation-log.tsx';
import { OperationProgress } from './operation-progress.tsx';
import { OperationResult } from './operation-result.tsx';
import { tookSeconds } from './operation-times.ts';
import classes from './rollback.module.css';
import { isOver, OPERATION_LOOKS, RESOLUTION_WORDS, strategyWord } from './rollback-looks.ts';
import { useOperation } from './use-rollback.ts';

const route = getRouteApi('/rollback/operations/$operationId');

/** One rollback, live: how far it is, what it did, and the way back. */
export function OperationPage() {
  const { operationId } = route.useParams();
  const { data, error, refetch } = useOperation(operationId);
  if (data === undefined) {
    return (
      <PageToCome title="Rollback" error={error} onAgain={() => void refetch()}>
        <Link to="/rollback/operations">All rollbacks</Link>
      </PageToCome>
    );
  }
  return <OneOperation operation={data} error={error} />;
}

function OneOperation({ operation, error }: { operation: RollbackOperation; error: Error | null }) {
  const { status, strategy, targetRollbackPointId, targetRollbackPointName, options, mutating } = operation;
  return (
    <Page
      title={mutating ? 'Rollback' : 'Dry run'}
      crumbs={
        <Crumbs>
          <Link to="/rollback/operations">Rollbacks</Link>
          <span>back to {targetRollbackPointName}</span>
        </Crumbs>
      }
      note={<LookBadge look={OPERATION_LOOKS[status]} status={status} beating={status === 'in_progress'} />}
      actions={<Verbs operation={operation} />}
    >
      {error !== null && <ProblemNote error={error} />}
      <OperationProgress operation={operation} />
      <OperationResult operation={operation} />
      <div className={classes.columns}>
        <Panel title="What it is about">
          <Facts>
            <Fact label="Back to">
              <Link to="/rollback/points/$pointId" params={{ pointId: targetRollbackPointId }}>
                {targetRollbackPointName}
              </Link>
            </Fact>
            <Fact label="Strategy">{strategyWord(strategy)}</Fact>
            <Fact label="Conflicts">{RESOLUTION_WORDS[options.conflictResolution]}</Fact>
            <Fact label="Asked for by">{operation.createdBy ?? NOTHING}</Fact>
            <Fact label="Asked for">{formatDateTime(operation.startedAt)}</Fact>
            <Fact label="Ended">{formatDateTime(operation.completedAt)}</Fact>
            <Fact label="Took">{formatDuration(tookSeconds(operation))}</Fact>
            {operation.cancelRequestedAt !== null && (
              <Fact label="Cancelled by">
                {operation.cancelledBy ?? NOTHING}, {formatDateTime(operation.cancelRequestedAt)}
              </Fact>
            )}
          </Facts>
        </Panel>
        {operation.log.length > 0 && <OperationLog log={operation.log} />}
      </div>
    </Page>
  );
}

function Verbs({ operation }: { operation: RollbackOperation }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const settled = () => void queries.invalidateQueries({ queryKey: keys.rollback(project) });
  const cancel = useMutation({
    mutationFn: () => client.rollback.cancel(operation.id),
    onSuccess: ({ cancelled }) => notifyDone(cancelled ? 'The rollback was stopped.' : 'It was over already.'),
    onError: (error) => notifyProblem(error, 'It could not be cancelled'),
    onSettled: settled,
  });
  const undo = useMutation({
    mutationFn: () => client.rollback.undo(operation.id, {}),
    onSuccess: ({ id }) => void navigate({ to: '/rollback/operations/$operationId', params: { operationId: id } }),
    onError: (error) => notifyProblem(error, 'It could not be undone'),
    onSettled: settled,
  });
  return (
    <>
      {!isOver(operation) && (
        <ActionButton
          label="Cancel"
          icon={IconBan}
          loading={cancel.isPending}
          ask={{
            title: 'Cancel this rollback?',
            body:
              operation.strategy === 'safe'
                ? 'It stops between two changes and puts back what it has changed.'
                : 'It stops between two changes. What it has changed by then stays changed.',
            confirm: 'Cancel the rollback',
            onConfirm: () => cancel.mutate(),
          }}
        />
      )}
      {isOver(operation) && operation.backupPointId !== null && (
        <>
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => (
              <Link to="/rollback/points/$pointId" params={{ pointId: operation.backupPointId ?? '' }} {...props} />
            )}
          >
            Preview undoing it
          </Button>
          <ActionButton
            label="Undo…"
            icon={IconRestore}
            loading={undo.isPending}
            ask={{
              title: 'Undo this rollback?',
              body: 'Everything goes back to where it was before. Where something else stands by now, nothing is done.',
              confirm: 'Undo the rollback',
              grave: true,
              onConfirm: () => undo.mutate(),
            }}
          />
        </>
      )}
    </>
  );
}

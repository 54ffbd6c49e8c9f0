import { Button } from '@mantine/core';
import type { RollbackPoint } from '@signalbox/client';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { confirm } from '../ui/confirm.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { formatDateTime } from '../ui/format.ts';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import preview from '../undo/undo-preview.module.css';
import { choicesOf, searchOfChoices } from './rollback-choices.ts';
import { CAPTURED_WORDS } from './rollback-looks.ts';
import { RollbackPreviewBody } from './rollback-preview.tsx';
import { usePoint } from './use-rollback.ts';

const route = getRouteApi('/rollback/points/$pointId');

/** One point: what going back to it would do, and the going back. */
export function PointPage() {
  const { pointId } = route.useParams();
  // Another point is another page: nothing of the one before is carried over.
  return <OnePoint key={pointId} id={pointId} />;
}

function OnePoint({ id }: { id: string }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/rollback/points/$pointId' });
  const { data, error } = usePoint(id);
  return (
    <div className={preview.page}>
      <header className={preview.header}>
        <Crumbs>
          <Link to="/rollback">Rollback</Link>
          <span>Point</span>
        </Crumbs>
        <h1 className={preview.title}>
          {data === undefined ? 'Rollback point' : `Go back to “${data.name}”`}
          {data !== undefined && <DeleteButton point={data} />}
        </h1>
        {data !== undefined && <About point={data} />}
      </header>
      {error !== null && (
        <div className={preview.none}>
          <ProblemNote error={error} />
          <Link to="/rollback">All points</Link>
        </div>
      )}
      {data !== undefined && (
        <RollbackPreviewBody
          point={data}
          choices={choicesOf(search)}
          onChoices={(next) =>
            void navigate({ search: (before) => ({ ...before, ...searchOfChoices(next) }), replace: true })
          }
          item={search.item}
          onItem={(item) => void navigate({ search: (before) => ({ ...before, item }), replace: true })}
        />
      )}
    </div>
  );
}

/** In two lines what the point is. */
function About({ point }: { point: RollbackPoint }) {
  const { description, captured, consistent, createdBy, createdAt, expiresAt, sessionId, workspaceId } = point;
  const names = useWorkspaceNames();
  const titles = useSessionTitles(sessionId === null ? [] : [sessionId]);
  const facts = [
    `holds ${captured.map((kind) => CAPTURED_WORDS[kind]).join(', ')}`,
    workspaceId === null ? null : `workspace ${names.get(workspaceId) ?? workspaceId}`,
    sessionId === null ? null : `session ${titles.get(sessionId) ?? sessionId}`,
    `made ${formatDateTime(createdAt)}${createdBy === null ? '' : ` by ${createdBy}`}`,
    expiresAt === null ? 'never expires' : `expires ${formatDateTime(expiresAt)}`,
    consistent ? null : 'some files changed while it was made',
  ].filter((fact) => fact !== null);
  return (
    <>
      {description !== null && <p className={preview.narrow}>{description}</p>}
      <p className={preview.narrow}>{facts.join(' · ')}</p>
    </>
  );
}

function DeleteButton({ point }: { point: RollbackPoint }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => client.rollback.delete(point.id, point.version),
    onSuccess: () => {
      notifyDone(`${point.name} is deleted.`);
      void navigate({ to: '/rollback' });
    },
    onError: (error) => notifyProblem(error, 'It could not be deleted'),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.rollback(project) }),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<IconTrash size={13} aria-hidden />}
      loading={remove.isPending}
      onClick={() =>
        confirm({
          title: `Delete “${point.name}”?`,
          body: 'What it holds is gone then, and nobody can go back to it. What was done with it stays on record.',
          confirm: 'Delete the point',
          grave: true,
          onConfirm: () => remove.mutate(),
        })
      }
    >
      Delete
    </Button>
  );
}

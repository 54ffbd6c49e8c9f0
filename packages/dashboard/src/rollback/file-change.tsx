import { Loader } from '@mantine/core';
import type { FileContent, RollbackPoint, RollbackPreview } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { TextDiff } from '../session/text-diff.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from '../undo/undo-preview.module.css';

type Change = RollbackPreview['changes'][number];

interface Props {
  point: RollbackPoint;
  change: Change;
  path: string;
}

/** A file as it is beside what the point holds: a change only names the contents, so both are asked for. */
export function FileChange({ point, change, path }: Props) {
  const { client, project } = useApi();
  const { operation, metadata } = change;
  const kept = operation === 'move' ? String(metadata?.to ?? path).replace(/^file:/, '') : path;
  const { data, error } = useQuery({
    // What stands there now is part of the question: another content is another answer.
    queryKey: [...keys.rollbackPreview(project, point.id, change), 'file'],
    queryFn: async ({ signal }) => {
      const { workspaceId } = point;
      const [now, then] = await Promise.all([
        operation === 'create' || workspaceId === null
          ? null
          : client.workspaces.readFile(workspaceId, path, { signal }),
        operation === 'delete' ? null : client.rollback.fileOf(point.id, kept, { signal }),
      ]);
      return { now, then };
    },
  });
  if (error !== null) return <ProblemNote error={error} />;
  if (data === undefined) return <Loader size="sm" m="lg" aria-label={`Reading ${path}`} />;
  const untold = [data.now, data.then].map(whyUntold).find((why) => why !== null);
  return (
    <>
      {modeOf(change.oldValue) !== modeOf(change.newValue) && operation === 'update' && (
        <p className={classes.about}>
          Its mode goes from {modeOf(change.oldValue)} to {modeOf(change.newValue)}.
        </p>
      )}
      {untold === undefined ? (
        <TextDiff path={path} before={data.now?.text ?? null} after={data.then?.text ?? null} />
      ) : (
        <p className={classes.about}>{untold}</p>
      )}
    </>
  );
}

function whyUntold(file: FileContent | null): string | null {
  if (file === null) return null;
  if (file.binary) return 'A binary file; its content is not compared.';
  return file.truncated ? 'It is too long to be compared here.' : null;
}

function modeOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'mode' in value ? String(value.mode) : 'none';
}

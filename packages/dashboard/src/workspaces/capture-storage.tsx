import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Age } from '../ui/age.tsx';
import { formatBytes, formatCount } from '../ui/format.ts';
import table from '../ui/table.module.css';

/** What is measured on a disk, and not told of as an event. */
const REFRESH_MS = 30_000;

/** What the captures of a workspace take on the disk of the node that answers. */
export function CaptureStorage({ workspaceId }: { workspaceId: string }) {
  const { client, project } = useApi();
  const { data, error } = useQuery({
    queryKey: [...keys.workspaces(project), 'storage', workspaceId],
    queryFn: ({ signal }) => client.changes.storage(workspaceId, { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (data === undefined) return <span className={table.muted}>{error === null ? '…' : 'could not be read'}</span>;
  if (data.captures === 0) return <span className={table.muted}>none</span>;
  return (
    <>
      {formatBytes(data.bytes)}{' '}
      <span className={table.muted}>
        {formatCount(data.captures)} {data.captures === 1 ? 'capture' : 'captures'}
        {data.pruned > 0 && `, ${formatCount(data.pruned)} given up`}
        {data.oldestAt !== null && (
          <>
            , oldest <Age since={data.oldestAt} />
          </>
        )}
      </span>
    </>
  );
}

import { Loader } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { Blank } from '../ui/blank.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import preview from '../undo/undo-preview.module.css';
import { BlameLines } from './blame-lines.tsx';
import { LineOrigin } from './line-origin.tsx';

const route = getRouteApi('/workspaces/$workspaceId/blame');

/** By whose hand each line of a file came: which session, which of its tool calls, who and when. */
export function BlamePage() {
  const { workspaceId } = route.useParams();
  const { path, line } = route.useSearch();
  const { client, project } = useApi();
  const names = useWorkspaceNames();
  const navigate = useNavigate({ from: '/workspaces/$workspaceId/blame' });
  const { data, error } = useQuery({
    queryKey: [...keys.workspaces(project), 'blame', workspaceId, path],
    queryFn: ({ signal }) => client.changes.blame(workspaceId, path ?? '', { signal }),
    enabled: path !== undefined,
  });
  const chosen = data?.lines.find((each) => String(each.line) === line) ?? data?.lines[0];
  return (
    <div className={preview.page}>
      <header className={preview.header}>
        <Crumbs>
          <Link to="/workspaces">Workspaces</Link>
          <span>{names.get(workspaceId) ?? workspaceId}</span>
        </Crumbs>
        <h1 className={preview.title}>{path ?? 'Which file?'}</h1>
        <p className={preview.narrow}>Who wrote each line, as captured last</p>
      </header>
      {error !== null && <ProblemNote error={error} />}
      {path === undefined && <Blank icon={<IconFileOff size={26} />} title="The address names no file" />}
      {path !== undefined && data === undefined && error === null && (
        <Loader size="sm" m="lg" aria-label="Looking who wrote it" />
      )}
      {data !== undefined && chosen === undefined && (
        <Blank icon={<IconFileOff size={26} />} title={data.binary ? 'A binary file has no lines' : 'It is empty'} />
      )}
      {data !== undefined && chosen !== undefined && (
        <div className={preview.body}>
          <div className={preview.side}>
            <LineOrigin line={chosen} path={data.path} />
          </div>
          <BlameLines
            lines={data.lines}
            chosen={chosen.line}
            onChoose={(next) =>
              void navigate({ search: (before) => ({ ...before, line: String(next) }), replace: true })
            }
          />
        </div>
      )}
    </div>
  );
}

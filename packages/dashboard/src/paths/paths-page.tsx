import { SegmentedControl, Select } from '@mantine/core';
import { IconCircleCheck, IconFileStar } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import bar from '../list/filter-bar.module.css';
import { useWorkspaceNames, useWorkspaces } from '../sessions/use-workspace-names.ts';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { byWorkspace } from './claim-order.ts';
import { ClaimTable } from './claim-table.tsx';
import { ConflictTable } from './conflict-table.tsx';
import { useClaims, useConflicts } from './use-paths.ts';

const route = getRouteApi('/paths');

/** Where sessions get into each other's way, and which paths they have claimed. */
export function PathsPage() {
  const { workspace, conflicts: which } = route.useSearch();
  const navigate = useNavigate({ from: '/paths' });
  const set = (name: 'workspace' | 'conflicts', value: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, [name]: value }), replace: true });
  const workspaces = useWorkspaces();
  const names = useWorkspaceNames();
  const all = which === 'all';
  const scope = { workspaceId: workspace };
  const conflicts = useConflicts(scope, !all);
  const claims = useClaims(scope);
  return (
    <Page
      title="Paths"
      note={claims.total === undefined ? undefined : `${formatCount(claims.total)} claims held or waited for`}
    >
      <search className={bar.bar} aria-label="Filters">
        <Select
          aria-label="Workspace"
          placeholder="All workspaces"
          data={(workspaces.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={workspace ?? null}
          onChange={(value) => set('workspace', value ?? undefined)}
          size="xs"
          clearable
          searchable
        />
        <SegmentedControl
          aria-label="Conflicts shown"
          size="xs"
          data={[
            { value: 'open', label: 'Open conflicts' },
            { value: 'all', label: 'All conflicts' },
          ]}
          value={all ? 'all' : 'open'}
          onChange={(value) => set('conflicts', value === 'all' ? 'all' : undefined)}
        />
      </search>
      <Panel title="Conflicts" note="the last seen first">
        <Listed
          list={conflicts}
          blank={
            <Blank
              icon={<IconCircleCheck size={26} />}
              title={all ? 'No sessions got into each other’s way' : 'No conflict waits to be seen'}
            />
          }
        >
          <ConflictTable conflicts={conflicts.items} />
        </Listed>
      </Panel>
      <Listed
        list={claims}
        blank={
          <Panel title="Claims">
            <Blank icon={<IconFileStar size={26} />} title="No paths are claimed">
              A session claims files or patterns with <code>signalbox run --claim</code> or{' '}
              <code>signalbox paths claim</code>; others then wait for them, or are refused.
            </Blank>
          </Panel>
        }
      >
        {[...byWorkspace(claims.items)].map(([workspaceId, own]) => {
          const name = names.get(workspaceId) ?? `workspace …${workspaceId.slice(-8)}`;
          return (
            <Panel key={workspaceId} title={`Claims in ${name}`} note="those that wait stand in the order of service">
              <ClaimTable claims={own} of={name} />
            </Panel>
          );
        })}
      </Listed>
    </Page>
  );
}

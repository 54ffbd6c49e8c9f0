import { Select } from '@mantine/core';
import type { RollbackOperation } from '@signalbox/client';
import { IconRestore } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import bar from '../list/filter-bar.module.css';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { formatDuration, NOTHING } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { counted } from '../undo/undo-words.ts';
import { OperationProgress } from './operation-progress.tsx';
import { tookSeconds } from './operation-times.ts';
import { OPERATION_LOOKS, OPERATION_STATUSES, STRATEGY_WORDS, strategyWord } from './rollback-looks.ts';
import { RollbackTabs } from './rollback-tabs.tsx';
import { useOperations } from './use-rollback.ts';

const route = getRouteApi('/rollback/operations');
const STATUSES = OPERATION_STATUSES.map((value) => ({ value, label: OPERATION_LOOKS[value].label }));
const STRATEGIES = Object.entries(STRATEGY_WORDS).map(([value, label]) => ({ value, label }));

/** Rollbacks that were asked for: how far they are, and how they ended. */
export function OperationsPage() {
  const { status, strategy } = route.useSearch();
  const navigate = useNavigate({ from: '/rollback/operations' });
  const set = (name: 'status' | 'strategy', value: string | null) =>
    void navigate({ search: (before) => ({ ...before, [name]: value ?? undefined }), replace: true });
  const list = useOperations({
    ...(status === undefined ? {} : { status }),
    ...(strategy === undefined ? {} : { strategy }),
  });
  const narrowed = status !== undefined || strategy !== undefined;
  return (
    <Page title="Rollback" note="What was rolled back, and what is under way">
      <RollbackTabs />
      <search className={bar.bar} aria-label="Filters">
        <Select
          size="xs"
          aria-label="Status"
          placeholder="Any status"
          data={STATUSES}
          value={status ?? null}
          onChange={(value) => set('status', value)}
          clearable
        />
        <Select
          size="xs"
          aria-label="Strategy"
          placeholder="Any strategy"
          data={STRATEGIES}
          value={strategy ?? null}
          onChange={(value) => set('strategy', value)}
          clearable
        />
      </search>
      <Listed
        list={list}
        blank={
          <Blank
            icon={<IconRestore size={28} />}
            title={narrowed ? 'No rollback fits these filters' : 'Nothing was rolled back yet'}
          >
            {!narrowed && 'A point’s page shows first what going back to it would do, and does it.'}
          </Blank>
        }
      >
        <Panel title={counted(list.total ?? 0, 'rollback')} note="the newest first">
          <OperationTable operations={list.items} />
        </Panel>
      </Listed>
    </Page>
  );
}

function OperationTable({ operations }: { operations: readonly RollbackOperation[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Back to</th>
            <th>Status</th>
            <th>Progress</th>
            <th>Strategy</th>
            <th>Changes</th>
            <th>Conflicts</th>
            <th>Took</th>
            <th>By</th>
            <th>Asked for</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {operations.map((operation) => (
            <tr key={operation.id} data-operation={operation.id}>
              <td className={table.strong}>
                <Link to="/rollback/operations/$operationId" params={{ operationId: operation.id }} data-row>
                  {operation.targetRollbackPointName}
                </Link>
                {!operation.mutating && <div className={table.muted}>dry run</div>}
              </td>
              <td>
                <LookBadge
                  look={OPERATION_LOOKS[operation.status]}
                  status={operation.status}
                  beating={operation.status === 'in_progress'}
                />
              </td>
              <td>
                <OperationProgress operation={operation} />
              </td>
              <td>{strategyWord(operation.strategy)}</td>
              <td>
                {operation.result === null
                  ? NOTHING
                  : `${operation.result.appliedChanges} of ${operation.result.totalChanges}`}
              </td>
              <td>
                {operation.result === null
                  ? NOTHING
                  : operation.result.conflicts.found === 0
                    ? 'none'
                    : `${operation.result.conflicts.resolved} of ${operation.result.conflicts.found} resolved`}
              </td>
              <td>{formatDuration(tookSeconds(operation))}</td>
              <td>{operation.createdBy ?? NOTHING}</td>
              <td>
                <Age since={operation.startedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

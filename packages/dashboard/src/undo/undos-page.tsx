import type { Undo } from '@signalbox/client';
import { IconArrowBackUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { UNDO_LOOKS } from './undo-looks.ts';
import { counted, selectionWords } from './undo-words.ts';
import { useUndos } from './use-undos.ts';

/** What was taken back in the project, and what of that was brought back. */
export function UndosPage() {
  const list = useUndos();
  return (
    <Page title="Undos">
      <Listed
        list={list}
        blank={
          <Blank icon={<IconArrowBackUp size={28} />} title="Nothing was undone yet">
            A session’s page leads to it: <em>Undo…</em> shows first what it would do. In the shell it is{' '}
            <code>signalbox undo</code> with the id of a session.
          </Blank>
        }
      >
        <Panel title={counted(list.total ?? 0, 'undo')} note="the latest first">
          <UndoTable undos={list.items} />
        </Panel>
      </Listed>
    </Page>
  );
}

function UndoTable({ undos }: { undos: readonly Undo[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const names = useWorkspaceNames();
  const titles = useSessionTitles(undos.flatMap(({ selection }) => selection.sessionIds ?? []));
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>What</th>
            <th>Status</th>
            <th>Files written</th>
            <th>Workspace</th>
            <th>By</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {undos.map((undo) => (
            <tr key={undo.id} data-undo={undo.id}>
              <td className={table.strong}>
                <Link to="/undos/$undoId" params={{ undoId: undo.id }} data-row>
                  {undo.undoes === null ? 'Undo of' : 'Redo of'} {selectionWords(undo, titles)}
                </Link>
              </td>
              <td>
                <LookBadge look={UNDO_LOOKS[undo.status]} status={undo.status} beating={undo.status === 'applying'} />
              </td>
              <td>{formatCount(undo.report?.written)}</td>
              <td>{names.get(undo.workspaceId) ?? undo.workspaceId}</td>
              <td>{undo.requestedBy}</td>
              <td>
                <Age since={undo.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

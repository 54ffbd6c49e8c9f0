import { Button } from '@mantine/core';
import type { RollbackPoint } from '@signalbox/client';
import { IconPlus, IconRestore } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { useWorkspaceNames } from '../sessions/use-workspace-names.ts';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { NOTHING } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { counted } from '../undo/undo-words.ts';
import { NewPointDialog } from './new-point-dialog.tsx';
import { CAPTURED_WORDS } from './rollback-looks.ts';
import { RollbackTabs } from './rollback-tabs.tsx';
import { usePoints } from './use-rollback.ts';

/** Named moments to go back to. */
export function PointsPage() {
  const list = usePoints();
  const [making, setMaking] = useState(false);
  return (
    <Page
      title="Rollback"
      note="Named moments to go back to"
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setMaking(true)}>
          New point
        </Button>
      }
    >
      <RollbackTabs />
      <Listed
        list={list}
        blank={
          <Blank icon={<IconRestore size={28} />} title="No rollback points yet">
            A point holds how the project is set up and, if you want, the files of a workspace and what a session is.
            Make one before something risky; in the shell it is <code>signalbox rollback create</code> with a name.
          </Blank>
        }
      >
        <Panel title={counted(list.total ?? 0, 'point')} note="the newest first">
          <PointTable points={list.items} />
        </Panel>
      </Listed>
      {making && <NewPointDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}

function PointTable({ points }: { points: readonly RollbackPoint[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const names = useWorkspaceNames();
  const titles = useSessionTitles(points.flatMap(({ sessionId }) => sessionId ?? []));
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Name</th>
            <th>Holds</th>
            <th>Session</th>
            <th>Workspace</th>
            <th>By</th>
            <th>Made</th>
            <th>Expires</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {points.map((point) => (
            <tr key={point.id} data-point={point.id}>
              <td className={table.strong}>
                <Link to="/rollback/points/$pointId" params={{ pointId: point.id }} data-row>
                  {point.name}
                </Link>
                {point.kind === 'backup' && <div className={table.muted}>made before a rollback</div>}
              </td>
              <td>
                {point.captured.map((kind) => CAPTURED_WORDS[kind]).join(', ')}
                {!point.consistent && <div className={table.muted}>files changed while it was made</div>}
              </td>
              <td>{point.sessionId === null ? NOTHING : (titles.get(point.sessionId) ?? point.sessionId)}</td>
              <td>{point.workspaceId === null ? NOTHING : (names.get(point.workspaceId) ?? point.workspaceId)}</td>
              <td>{point.createdBy ?? NOTHING}</td>
              <td>
                <Age since={point.createdAt} />
              </td>
              <td>{point.expiresAt === null ? 'never' : <Until at={point.expiresAt} past="expired" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

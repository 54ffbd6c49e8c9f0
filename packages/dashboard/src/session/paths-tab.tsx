import type { Session } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { ClaimTable } from '../paths/claim-table.tsx';
import { ConflictTable } from '../paths/conflict-table.tsx';
import classes from '../paths/paths.module.css';
import { useClaims, useConflicts } from '../paths/use-paths.ts';
import { Listed } from '../ui/listed.tsx';
import { Panel } from '../ui/page.tsx';

/** The paths a session has claimed or waits for, and all with whom it got into the way of each other. */
export default function PathsTab({ session }: { session: Session }) {
  const conflicts = useConflicts({ sessionId: session.id }, false);
  const claims = useClaims({ sessionId: session.id });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by the keyboard
    <section className={classes.tab} aria-label="Paths" tabIndex={0}>
      <Panel
        title="Claims"
        note={
          session.workspaceId === null ? undefined : (
            <Link to="/paths" search={{ workspace: session.treeWorkspaceId ?? session.workspaceId }}>
              All of the workspace
            </Link>
          )
        }
      >
        <Listed list={claims} blank={<p className={classes.none}>It has claimed no paths and waits for none.</p>}>
          <ClaimTable claims={claims.items} of="this session" />
        </Listed>
      </Panel>
      <Panel title="Conflicts" note="those that were acknowledged included">
        <Listed
          list={conflicts}
          blank={<p className={classes.none}>No other session has written what it wrote or claimed.</p>}
        >
          <ConflictTable conflicts={conflicts.items} />
        </Listed>
      </Panel>
    </section>
  );
}

import type { PathClaim } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { notifyDone } from '../ui/notify.tsx';
import { ReasonDialog } from '../ui/reason-dialog.tsx';

const LONGEST_REASON = 500;

/** Asks why, and takes a claim to paths from its session, or ends its wait. */
export function ForceReleaseClaim({ claim, onClose }: { claim: PathClaim; onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const paths = claim.paths.map(({ path }) => path).join(', ');
  const held = claim.status === 'held';
  return (
    <ReasonDialog
      title={held ? 'Take these paths away?' : 'End this wait?'}
      body={
        held ? (
          <>
            <code>{paths}</code> no longer belong to the session, and whoever waits for them gets them. The session goes
            on: what its agent writes there from now on nobody holds back. The reason also stands in its journal.
          </>
        ) : (
          <>
            The session no longer waits for <code>{paths}</code>: its call or its run is refused. The reason also stands
            in its journal.
          </>
        )
      }
      confirm={held ? 'Take the paths away' : 'End the wait'}
      longest={LONGEST_REASON}
      onConfirm={async (reason) => {
        try {
          await client.pathClaims.forceRelease(claim.id, reason);
        } finally {
          void queries.invalidateQueries({ queryKey: keys.paths(project) });
        }
        notifyDone(held ? `Taken away: ${paths}` : 'The wait was ended');
      }}
      onClose={onClose}
    />
  );
}

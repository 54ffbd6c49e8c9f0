import type { Lock } from '@signalbox/client';
import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { notifyDone } from '../ui/notify.tsx';
import { ReasonDialog } from '../ui/reason-dialog.tsx';

const LONGEST_REASON = 1_000;

/** Asks why, and takes a lock from whoever holds it. */
export function ForceReleaseLock({ lock, onClose }: { lock: Lock; onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  return (
    <ReasonDialog
      title="Take this lock away?"
      body={
        <>
          <code>{lock.owner}</code> holds <code>{lock.resource}</code> ({lock.mode}). It is told that the lock is lost,
          and its token {lock.token} is refused wherever tokens are checked. What it writes elsewhere is not undone.
          Whoever waits first gets the lock.
        </>
      }
      confirm="Take the lock away"
      longest={LONGEST_REASON}
      onConfirm={async (reason) => {
        try {
          await client.locks.forceRelease(lock.id, reason);
        } finally {
          void queries.invalidateQueries({ queryKey: keys.locks(project) });
        }
        notifyDone(`Taken away: ${lock.resource}`);
      }}
      onClose={onClose}
    />
  );
}

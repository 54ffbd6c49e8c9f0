import { useEffect } from 'react';
import { usePendingCount } from './use-approvals.ts';

const NAME = 'Signalbox';

/** Says in the tab's title how many wait for somebody: it is seen also while another tab is looked at. */
export function PendingTitle() {
  const pending = usePendingCount() ?? 0;
  useEffect(() => {
    document.title = pending === 0 ? NAME : `(${pending}) ${NAME}`;
  }, [pending]);
  return null;
}

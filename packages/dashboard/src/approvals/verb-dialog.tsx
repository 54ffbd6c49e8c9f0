import type { Approval } from '@signalbox/client';
import { useApi } from '../api/api-context.tsx';
import { notifyDone } from '../ui/notify.tsx';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { type ApprovalVerb, LONGEST_REASON } from './approval-verbs.ts';
import classes from './approvals.module.css';
import { ApproveDialog } from './approve-dialog.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { ExactCall } from './exact-call.tsx';
import { useApprovalsChanged } from './use-approvals.ts';

/** What is being done with which approval. */
export interface Chosen {
  verb: ApprovalVerb;
  approval: Approval;
}

/** Asks before an approval is answered: none is answered by a single key. */
export function VerbDialog({ chosen: { verb, approval }, onClose }: { chosen: Chosen; onClose: () => void }) {
  const { client } = useApi();
  const changed = useApprovalsChanged();
  if (verb === 'approve') return <ApproveDialog approval={approval} onClose={onClose} />;
  if (verb === 'edit') return <EditDialog approval={approval} onClose={onClose} />;
  const rejects = verb === 'reject';
  return (
    <ReasonDialog
      title={rejects ? 'Reject this?' : 'Withdraw this question?'}
      body={
        <div className={classes.question}>
          <ExactCall approval={approval} />
          <p className={classes.quiet}>
            {rejects
              ? 'The call is not made; the agent goes on with your answer.'
              : 'Nobody is asked any more, and the call is not made. Whoever asked may take it back, and operators.'}
          </p>
        </div>
      }
      about="The agent is told it, and it stands in the audit"
      confirm={rejects ? 'Reject' : 'Withdraw'}
      longest={LONGEST_REASON}
      onConfirm={async (reason) => {
        try {
          await client.approvals[verb](approval.id, reason);
        } finally {
          changed();
        }
        notifyDone(rejects ? 'Rejected.' : 'Withdrawn.');
      }}
      onClose={onClose}
    />
  );
}

import type { Approval } from '@signalbox/client';
import { useApi } from '../api/api-context.tsx';
import classes from './approvals.module.css';
import { ApprovingDialog } from './approving-dialog.tsx';
import { ExactCall } from './exact-call.tsx';

/** Shows once more what exactly is let pass, and lets it pass. */
export function ApproveDialog({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const { client } = useApi();
  const others = approval.quorum - approval.approvals - 1;
  return (
    <ApprovingDialog
      title="Approve this?"
      submit="Approve"
      approve={(reason) => client.approvals.approve(approval.id, reason)}
      done={({ status, approvals, quorum }) =>
        status === 'approved' ? 'Approved, for once.' : `Approved by ${approvals} of ${quorum}.`
      }
      onClose={onClose}
      beginsAtButton
    >
      <div className={classes.question}>
        <ExactCall approval={approval} />
        <p className={classes.quiet}>
          {others > 0
            ? `It passes once ${others} more ${others === 1 ? 'person has' : 'people have'} approved it.`
            : 'It passes once, exactly as it stands here. Anything else is asked about anew.'}
        </p>
      </div>
    </ApprovingDialog>
  );
}

import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import bar from '../list/bulk-bar.module.css';
import { oneByOne, reasons } from '../list/one-by-one.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { LONGEST_REASON } from './approval-verbs.ts';
import { useApprovalsChanged } from './use-approvals.ts';

/** Rejects all that is selected. They are approved one by one only, each as it was looked at. */
export function ApprovalBulkBar({ selected, onClear }: { selected: ReadonlySet<string>; onClear: () => void }) {
  const { client } = useApi();
  const changed = useApprovalsChanged();
  const [asking, setAsking] = useState(false);
  const ids = [...selected];
  const many = ids.length === 1 ? 'one approval' : `${ids.length} approvals`;
  return (
    <div className={bar.bar} role="toolbar" aria-label="Selected approvals">
      <strong>{ids.length} selected</strong>
      <ActionButton label="Reject…" icon={IconX} loading={false} ask={() => setAsking(true)} />
      <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={onClear}>
        Clear selection
      </Button>
      {asking && (
        <ReasonDialog
          title={`Reject ${many}?`}
          body="None of these calls is made. Their agents go on with your answer."
          about="Each agent is told it, and it stands in the audit"
          confirm={`Reject ${many}`}
          longest={LONGEST_REASON}
          onConfirm={async (reason) => {
            const outcome = await oneByOne(ids, (id) => client.approvals.reject(id, reason));
            changed();
            notifyDone(`${outcome.changed} rejected.`);
            if (outcome.skipped.length > 0)
              notifyProblem(new Error(reasons(outcome)), `${outcome.skipped.length} left as they were`);
            onClear();
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

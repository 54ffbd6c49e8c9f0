import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import type { Approval } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { LONGEST_REASON } from './approval-verbs.ts';
import classes from './approvals.module.css';
import { ExactCall } from './exact-call.tsx';
import { useApprovalsChanged } from './use-approvals.ts';

/** Shows once more what exactly is let pass, and lets it pass. */
export function ApproveDialog({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const { client } = useApi();
  const changed = useApprovalsChanged();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () => client.approvals.approve(approval.id, reason.trim() === '' ? null : reason.trim()),
    onSuccess: ({ status, approvals, quorum }) => {
      notifyDone(status === 'approved' ? 'Approved, for once.' : `Approved by ${approvals} of ${quorum}.`);
      onClose();
    },
    onSettled: changed,
  });
  const others = approval.quorum - approval.approvals - 1;
  return (
    <Modal opened onClose={onClose} title="Approve this?" size="lg" centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
        <Stack gap="sm">
          <div className={classes.question}>
            <ExactCall approval={approval} />
            <p className={classes.quiet}>
              {others > 0
                ? `It passes once ${others} more ${others === 1 ? 'person has' : 'people have'} approved it.`
                : 'It passes once, exactly as it stands here. Anything else is asked about anew.'}
            </p>
          </div>
          <TextInput
            label="Why"
            description="Stands in the record; may be left out"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={LONGEST_REASON}
          />
          {act.error !== null && <ProblemNote error={act.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={act.isPending} data-autofocus>
              Approve
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

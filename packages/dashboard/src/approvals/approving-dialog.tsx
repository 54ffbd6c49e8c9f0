import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import type { Approval } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { LONGEST_REASON } from './approval-verbs.ts';
import { useApprovalsChanged } from './use-approvals.ts';

export interface ApprovingDialogProps {
  title: string;
  /** What the button says that lets it pass. */
  submit: string;
  /** Lets it pass, for the reason that was given, if any. */
  approve: (reason: string | null) => Promise<Approval>;
  /** What is said once it is done. */
  done: (approval: Approval) => string;
  onClose: () => void;
  /** Something in it is wrong: it cannot be sent. */
  wrong?: boolean;
  /** The button is where the keys begin; else something in it is. */
  beginsAtButton?: boolean;
  children: ReactNode;
}

/** Asks once more before something is let pass, and why. */
export function ApprovingDialog(props: ApprovingDialogProps) {
  const { title, submit, approve, done, onClose, wrong = false, beginsAtButton = false, children } = props;
  const changed = useApprovalsChanged();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () => approve(reason.trim() === '' ? null : reason.trim()),
    onSuccess: (approval) => {
      notifyDone(done(approval));
      onClose();
    },
    onSettled: changed,
  });
  return (
    <Modal opened onClose={onClose} title={title} size="lg" centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) act.mutate();
        }}
      >
        <Stack gap="sm">
          {children}
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
            <Button
              type="submit"
              loading={act.isPending}
              disabled={wrong}
              {...(beginsAtButton ? { 'data-autofocus': true } : {})}
            >
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

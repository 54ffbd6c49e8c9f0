import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import type { Approval } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { LONGEST_REASON } from './approval-verbs.ts';
import classes from './approvals.module.css';
import { type ArgumentField, argumentFields, argumentsOf, fieldError } from './edited-arguments.ts';
import { useApprovalsChanged } from './use-approvals.ts';

const MONO = { input: { fontFamily: 'var(--sb-mono)', fontSize: 12 } };

/** Lets something else pass than was asked for. What is left as it is shown stays what it was, hidden secrets included. */
export function EditDialog({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const { client } = useApi();
  const changed = useApprovalsChanged();
  const [fields, setFields] = useState<readonly ArgumentField[]>(() => argumentFields(approval.arguments));
  const [reason, setReason] = useState('');
  const wrong = fields.some((field) => fieldError(field) !== null);
  const act = useMutation({
    mutationFn: () =>
      client.approvals.editAndApprove(approval.id, argumentsOf(fields), reason.trim() === '' ? null : reason.trim()),
    onSuccess: () => {
      notifyDone('Approved as you changed it, for once.');
      onClose();
    },
    onSettled: changed,
  });
  return (
    <Modal opened onClose={onClose} title="Approve something else than was asked for?" size="lg" centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) act.mutate();
        }}
      >
        <Stack gap="sm">
          <p className={classes.quiet}>
            The agent’s call is made with these arguments in place of its own. What stands for a secret can be left as
            it is or replaced as a whole.
          </p>
          {fields.map((field, index) => (
            <Textarea
              key={field.name}
              label={field.name}
              value={field.text}
              error={fieldError(field)}
              styles={MONO}
              spellCheck={false}
              autosize
              minRows={1}
              maxRows={14}
              {...(index === 0 ? { 'data-autofocus': true } : {})}
              onChange={(event) => {
                const text = event.currentTarget.value;
                setFields(fields.map((one) => (one === field ? { ...field, text } : one)));
              }}
            />
          ))}
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
            <Button type="submit" loading={act.isPending} disabled={wrong}>
              Approve as it stands here
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ProblemNote } from './problem-note.tsx';

interface Props {
  title: string;
  body: ReactNode;
  /** What becomes of the reason. */
  about?: string;
  /** The verb on the button that does it. */
  confirm: string;
  /** Longest reason that the server takes, in characters. */
  longest: number;
  /** Does it; what it throws is shown, and the dialog stays. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is taken from somebody, and why: without a reason it is not done. */
export function ReasonDialog({ title, body, about = 'Stands in the audit', ...props }: Props) {
  const { confirm, longest, onConfirm, onClose } = props;
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const act = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  const missing = reason.trim() === '';
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (!missing) act.mutate(reason.trim());
        }}
      >
        <Stack gap="sm">
          <div style={{ fontSize: 13, lineHeight: 1.5 }}>{body}</div>
          <Textarea
            label="Reason"
            description={about}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={asked && missing ? 'Say why.' : undefined}
            maxLength={longest}
            autosize
            minRows={2}
            maxRows={8}
            required
            data-autofocus
          />
          {act.error !== null && <ProblemNote error={act.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" color="red.8" loading={act.isPending}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

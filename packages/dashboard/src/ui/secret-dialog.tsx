import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copyable } from './copyable.tsx';
import classes from './secret-dialog.module.css';

interface Props {
  /** Whose secret it is. */
  name: string;
  /** Null where it was shown before. */
  secret: string | null;
  /** What whoever has it may do, and what becomes of the one before. */
  children: ReactNode;
  /** What to do where it was shown already. */
  otherwise: string;
  onClose: () => void;
}

/** A secret, this once. It is closed by its button alone: a click beside it would lose the secret. */
export function SecretDialog({ name, secret, children, otherwise, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`The secret of ${name}`}
      centered
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="sm">
        <p className={classes.about}>It is shown this once. {children}</p>
        <div className={classes.secret} data-secret>
          {secret === null ? (
            `It was shown already, and cannot be shown again: ${otherwise}.`
          ) : (
            <Copyable text={secret} label="secret" />
          )}
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            I have kept it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

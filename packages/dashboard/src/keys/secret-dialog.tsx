import { Button, Group, Modal, Stack } from '@mantine/core';
import type { CreatedApiKey } from '@signalbox/client';
import { Copyable } from '../ui/copyable.tsx';
import { formatDateTime } from '../ui/format.ts';
import classes from './keys.module.css';

/** The secret of a key, this once. It is closed by its button alone: a click beside it would lose the secret. */
export function SecretDialog({ made, onClose }: { made: CreatedApiKey; onClose: () => void }) {
  const { name, role, secret, previousUntil } = made;
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
        <p className={classes.about}>
          It is shown this once. Whoever has it may do what the role {role} may; keep it where nobody else reads.
          {previousUntil !== null && ` The secret before works until ${formatDateTime(previousUntil)}.`}
        </p>
        <div className={classes.secret} data-secret>
          {secret === null ? (
            'It was shown already, and cannot be shown again: rotate the key.'
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

import type { WebhookWithSecret } from '@signalbox/client';
import { formatDateTime } from '../ui/format.ts';
import { SecretDialog } from '../ui/secret-dialog.tsx';

/** The secret by which messages are signed, this once. */
export function WebhookSecret({ made, onClose }: { made: WebhookWithSecret; onClose: () => void }) {
  return (
    <SecretDialog name={made.description || made.url} secret={made.secret} otherwise="rotate it" onClose={onClose}>
      Whoever has it can tell messages of Signalbox from those of others, and make such ones.
      {made.previousUntil !== null && ` Until ${formatDateTime(made.previousUntil)} they bear the one before as well.`}
    </SecretDialog>
  );
}

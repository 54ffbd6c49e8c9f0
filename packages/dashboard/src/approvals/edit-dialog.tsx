import { Textarea } from '@mantine/core';
import type { Approval } from '@signalbox/client';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import classes from './approvals.module.css';
import { ApprovingDialog } from './approving-dialog.tsx';
import { type ArgumentField, argumentFields, argumentsOf, fieldError } from './edited-arguments.ts';

const MONO = { input: { fontFamily: 'var(--sb-mono)', fontSize: 12 } };

/** Lets something else pass than was asked for. What is left as it is shown stays what it was, hidden secrets included. */
export function EditDialog({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const { client } = useApi();
  const [fields, setFields] = useState<readonly ArgumentField[]>(() => argumentFields(approval.arguments));
  return (
    <ApprovingDialog
      title="Approve something else than was asked for?"
      submit="Approve as it stands here"
      approve={(reason) => client.approvals.editAndApprove(approval.id, argumentsOf(fields), reason)}
      done={() => 'Approved as you changed it, for once.'}
      onClose={onClose}
      wrong={fields.some((field) => fieldError(field) !== null)}
    >
      <p className={classes.quiet}>
        The agent’s call is made with these arguments in place of its own. What stands for a secret can be left as it is
        or replaced as a whole.
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
    </ApprovingDialog>
  );
}

import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import classes from './problem-note.module.css';

/** What went wrong: in a few words, in the server's own, and the code to look up or quote. */
export function FailureNote({ title, detail, code }: { title: string; detail: string; code: string | null }) {
  return (
    <Alert
      role="alert"
      className={classes.note}
      data-tone="danger"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={title}
      variant="default"
    >
      <p className={classes.detail}>{detail}</p>
      {code !== null && <p className={classes.code}>{code}</p>}
    </Alert>
  );
}

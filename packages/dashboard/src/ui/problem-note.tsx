import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { shownProblem } from '../api/problem.ts';
import classes from './problem-note.module.css';

/** An error where it happened: the server's own words, and the code to look up or quote. */
export function ProblemNote({ error }: { error: unknown }) {
  const { title, detail, code, traceId } = shownProblem(error);
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
      {code !== null && (
        <p className={classes.code}>
          {code}
          {traceId !== null && ` · trace ${traceId}`}
        </p>
      )}
    </Alert>
  );
}

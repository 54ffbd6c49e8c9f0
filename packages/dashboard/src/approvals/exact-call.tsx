import type { Approval } from '@signalbox/client';
import { Copyable } from '../ui/copyable.tsx';
import classes from './approvals.module.css';

/** What exactly is asked for, without its secrets, and the digest that an answer is bound to. */
export function ExactCall({ approval }: { approval: Approval }) {
  const { tool, subject, workingDirectory, digest } = approval;
  const command = commandOf(approval);
  return (
    <>
      <p className={classes.label}>
        {tool ?? subject}
        {workingDirectory !== null && <span className={classes.quiet}> in {workingDirectory}</span>}
      </p>
      <pre className={classes.exact} data-exact>
        {command ?? JSON.stringify(approval.arguments, null, 2)}
      </pre>
      <p className={classes.quiet}>
        Digest <Copyable text={digest} shown={`${digest.slice(0, 16)}…${digest.slice(-8)}`} label="digest" />
      </p>
    </>
  );
}

/** The command where the call is one and says nothing else that matters; null where all arguments have to be seen. */
function commandOf({ arguments: given }: Approval): string | null {
  const { command, description, ...more } = given;
  const told = description === undefined || typeof description === 'string';
  return typeof command === 'string' && told && Object.keys(more).length === 0 ? command : null;
}

import { UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Copyable } from '../ui/copyable.tsx';
import { formatDateTime } from '../ui/format.ts';
import table from '../ui/table.module.css';
import type { ShownAuditEvent } from './audit-event.ts';
import classes from './audit-row.module.css';

/** One audit event; opened, all that it holds. */
export function AuditRow({ event }: { event: ShownAuditEvent }) {
  const [open, setOpen] = useState(false);
  const changed = Object.keys(event.changes);
  return (
    <>
      <tr>
        <td className={classes.when}>
          <UnstyledButton
            onClick={() => setOpen(!open)}
            aria-expanded={open}
            aria-label={`Details of ${event.action}`}
            className={classes.toggle}
          >
            {open ? <IconChevronDown size={13} aria-hidden /> : <IconChevronRight size={13} aria-hidden />}
          </UnstyledButton>
          {formatDateTime(event.at)}
        </td>
        <td>
          {event.actor}
          {event.actorRole !== null && <span className={table.muted}> ({event.actorRole})</span>}
        </td>
        <td className={table.strong}>{event.action}</td>
        <td>
          {event.subjectType === 'session' ? (
            <Link to="/sessions/$sessionId" params={{ sessionId: event.subjectId }}>
              session …{event.subjectId.slice(-8)}
            </Link>
          ) : (
            <>
              {event.subjectType}{' '}
              <Copyable
                text={event.subjectId}
                shown={event.subjectId.length > 20 ? `…${event.subjectId.slice(-8)}` : event.subjectId}
                label="id"
              />
            </>
          )}
        </td>
        <td className={table.muted}>{changed.length === 0 ? '–' : changed.join(', ')}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5}>
            <pre className={classes.everything}>{JSON.stringify(event, null, 2)}</pre>
          </td>
        </tr>
      )}
    </>
  );
}

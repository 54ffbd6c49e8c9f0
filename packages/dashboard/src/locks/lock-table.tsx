import { Button, UnstyledButton } from '@mantine/core';
import type { Lock, LockStats } from '@signalbox/client';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Fragment, useRef, useState } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Age } from '../ui/age.tsx';
import { NOTHING } from '../ui/format.ts';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { ForceReleaseLock } from './force-release-lock.tsx';
import { LockHolder } from './lock-holder.tsx';
import { LockQueue } from './lock-queue.tsx';
import classes from './lock-table.module.css';
import { waitingFor } from './waiting-counts.ts';

interface Props {
  locks: readonly Lock[];
  /** How many wait for which; null where their queue stands elsewhere on the page. */
  stats: LockStats | undefined | null;
}

/** Locks, one row each; opened, who waits in which order. */
export function LockTable({ locks, stats }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const titles = useSessionTitles(locks.flatMap(({ sessionId }) => sessionId ?? []));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [releasing, setReleasing] = useState<Lock | null>(null);
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Resource</th>
            <th>Holder</th>
            <th>Mode</th>
            <th>Held</th>
            <th>Ends</th>
            <th>Token</th>
            {stats !== null && <th>Waiting</th>}
            <th>
              <span className={table.hidden}>Action</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {locks.map((lock) => (
            <Fragment key={lock.id}>
              <tr data-lock={lock.id}>
                <td>
                  <Link to="/locks/queue" search={{ resource: lock.resource }} className={classes.resource} data-row>
                    {lock.resource}
                  </Link>
                </td>
                <td>
                  <LockHolder party={lock} titles={titles} />
                </td>
                <td>{lock.mode}</td>
                <td>
                  <Age since={lock.acquiredAt} />
                </td>
                <td>
                  <LockEnd lock={lock} />
                </td>
                <td>{lock.token}</td>
                {stats !== null && (
                  <td>
                    <Waiting
                      count={waitingFor(stats, lock.resource)}
                      resource={lock.resource}
                      open={open.has(lock.id)}
                      onToggle={() => toggle(lock.id)}
                    />
                  </td>
                )}
                <td className={table.act}>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Release… ${lock.resource}, held by ${lock.owner}`}
                    onClick={() => setReleasing(lock)}
                  >
                    Release…
                  </Button>
                </td>
              </tr>
              {open.has(lock.id) && (
                <tr>
                  <td colSpan={8} className={classes.queue}>
                    <LockQueue resource={lock.resource} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {releasing !== null && <ForceReleaseLock lock={releasing} onClose={() => setReleasing(null)} />}
    </div>
  );
}

/** When a lock ends if nobody renews it; one that was lost stands for its delay only. */
export function LockEnd({ lock }: { lock: Lock }) {
  if (lock.state === 'lost') {
    return (
      <span className={classes.lost} data-tone="late">
        lost{lock.lockDelayMs > 0 ? ', in its delay' : ''}
      </span>
    );
  }
  return <Until at={lock.expiresAt} past="now" />;
}

interface WaitingProps {
  count: number | null;
  resource: string;
  open: boolean;
  onToggle: () => void;
}

function Waiting({ count, resource, open, onToggle }: WaitingProps) {
  if (count === 0 && !open) return <span className={table.muted}>nobody</span>;
  return (
    <UnstyledButton
      className={classes.toggle}
      onClick={onToggle}
      aria-expanded={open}
      aria-label={`${count ?? NOTHING} waiting for ${resource}`}
    >
      {open ? <IconChevronDown size={13} aria-hidden /> : <IconChevronRight size={13} aria-hidden />}
      {count ?? 'Show'}
    </UnstyledButton>
  );
}

import { Button } from '@mantine/core';
import type { PathClaim } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Age } from '../ui/age.tsx';
import { PRIORITIES } from '../ui/priority.ts';
import table from '../ui/table.module.css';
import { Until } from '../ui/until.tsx';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { sortedClaims } from './claim-order.ts';
import { ForceReleaseClaim } from './force-release-claim.tsx';
import classes from './paths.module.css';

const ORIGINS: Readonly<Record<PathClaim['origin'], string>> = {
  verb: 'asked for',
  session: 'named with the session',
  write: 'by its first write',
  call: 'for one tool call',
};

interface Props {
  claims: readonly PathClaim[];
  /** What these claims are of, for those who do not see where the table stands. */
  of: string;
}

/** Claims of one workspace or session: those held, and below them those that wait. */
export function ClaimTable({ claims, of }: Props) {
  const body = useRef<HTMLDivElement>(null);
  useRowKeys(body);
  const titles = useSessionTitles(claims.map(({ sessionId }) => sessionId));
  const [releasing, setReleasing] = useState<PathClaim | null>(null);
  const { held, waiting } = sortedClaims(claims);
  const row = (claim: PathClaim, times: ReactNode) => (
    <tr key={claim.id} data-claim={claim.id}>
      <td>
        <ul className={classes.globs}>
          {claim.paths.map(({ path, kind }) => (
            <li
              key={path}
              className={classes.glob}
              title={kind === 'glob' ? 'Pattern' : 'To the letter, with all below it'}
            >
              {path === '.' ? 'the whole workspace' : path}
            </li>
          ))}
        </ul>
        <span className={table.muted}>{ORIGINS[claim.origin]}</span>
      </td>
      <td>{claim.mode}</td>
      <td>
        <Link to="/sessions/$sessionId" params={{ sessionId: claim.sessionId }} search={{ tab: 'paths' }} data-row>
          {titles.get(claim.sessionId) ?? `…${claim.sessionId.slice(-8)}`}
        </Link>
        <div className={table.muted}>by {claim.agent}</div>
      </td>
      {times}
      <td className={table.act}>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${verb(claim)} ${claim.paths.map(({ path }) => path).join(', ')}`}
          onClick={() => setReleasing(claim)}
        >
          {verb(claim)}
        </Button>
      </td>
    </tr>
  );
  return (
    <div ref={body} className={table.scroll}>
      {held.length > 0 && (
        <table className={table.table} aria-label={`Claims held in ${of}`}>
          <Head columns={['Paths', 'Mode', 'Session', 'Held', 'Ends', 'Token']} />
          <tbody>
            {held.map((claim) =>
              row(
                claim,
                <>
                  <td>
                    <Age since={claim.grantedAt} />
                  </td>
                  <td>{claim.expiresAt === null ? 'with its run' : <Until at={claim.expiresAt} past="now" />}</td>
                  <td>{claim.fencingToken}</td>
                </>,
              ),
            )}
          </tbody>
        </table>
      )}
      {waiting.length > 0 && (
        <table
          className={`${table.table} ${held.length > 0 ? classes.later : ''}`}
          aria-label={`Claims waited for in ${of}`}
        >
          <Head columns={['Waiting for paths', 'Mode', 'Session', 'Waiting', 'Patience ends', 'Priority']} />
          <tbody>
            {waiting.map((claim) =>
              row(
                claim,
                <>
                  <td>
                    <Age since={claim.requestedAt} />
                  </td>
                  <td>
                    {claim.status === 'victim' ? (
                      <span data-tone="danger" className={classes.toned}>
                        given up to end a deadlock
                      </span>
                    ) : (
                      <Until at={claim.waitUntil} past="now" />
                    )}
                  </td>
                  <td>{PRIORITIES[claim.priority]?.label ?? claim.priority}</td>
                </>,
              ),
            )}
          </tbody>
        </table>
      )}
      {releasing !== null && <ForceReleaseClaim claim={releasing} onClose={() => setReleasing(null)} />}
    </div>
  );
}

function verb({ status }: PathClaim): string {
  return status === 'held' ? 'Release…' : 'End the wait…';
}

function Head({ columns }: { columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column}>{column}</th>
        ))}
        <th>
          <span className={table.hidden}>Action</span>
        </th>
      </tr>
    </thead>
  );
}

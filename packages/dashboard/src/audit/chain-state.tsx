import { Button } from '@mantine/core';
import type { AuditVerification } from '@signalbox/client';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Figures } from '../ui/figures.tsx';
import { formatCount, formatDateTime, NOTHING } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import classes from './audit-page.module.css';

/** Whether the record still is what was sealed. Asked for, since it reads all of it. */
export function ChainState() {
  const { client, project } = useApi();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [...keys.audit(project), 'verification'],
    queryFn: ({ signal }) => client.audit.verify({ signal }),
    enabled: false,
  });
  return (
    <Panel title="The chain">
      <div className={classes.chain}>
        <div className={classes.verification} role="status">
          <Button size="xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
            Verify
          </Button>
          {data === undefined && !isFetching && error === null && 'Not looked at yet: it reads the whole record.'}
          {data !== undefined && !isFetching && (
            <span data-tone={data.ok ? 'done' : 'danger'} className={classes.verdict}>
              {data.ok ? <IconShieldCheck size={15} aria-hidden /> : <IconShieldX size={15} aria-hidden />}
              {data.ok ? 'The record is intact' : `${data.problems.length} problems in the record`}
            </span>
          )}
        </div>
        {error !== null && <ProblemNote error={error} />}
        {data !== undefined && (
          <Figures
            label="How far it is sealed"
            figures={[
              { label: 'Sealed', value: formatCount(data.sealed), about: sealWords(data) },
              { label: 'Not sealed yet', value: formatCount(data.unsealed), about: 'can be changed unnoticed' },
              { label: 'Dropped by retention', value: formatCount(data.released), about: 'their seals stay' },
            ]}
          />
        )}
        {data !== undefined && data.problems.length > 0 && <Problems problems={data.problems} />}
      </div>
    </Panel>
  );
}

function sealWords({ sealedThrough }: AuditVerification): string {
  return sealedThrough === null
    ? 'no seal yet'
    : `up to seal ${sealedThrough.number} of ${formatDateTime(sealedThrough.sealedAt)}`;
}

function Problems({ problems }: Pick<AuditVerification, 'problems'>) {
  return (
    <div className={table.scroll}>
      <table className={table.table} aria-label="Problems in the record">
        <thead>
          <tr>
            <th>Problem</th>
            <th>Position</th>
            <th>Seal</th>
            <th>Event</th>
            <th>What</th>
          </tr>
        </thead>
        <tbody>
          {problems.map(({ kind, position, seal, eventId, detail }) => (
            <tr key={`${kind} ${position} ${seal} ${eventId}`}>
              <td className={table.strong}>{kind}</td>
              <td>{position ?? NOTHING}</td>
              <td>{seal ?? NOTHING}</td>
              <td>{eventId ?? NOTHING}</td>
              <td>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

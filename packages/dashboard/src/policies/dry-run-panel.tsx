import { Button } from '@mantine/core';
import type { PolicyDryRun, PolicyInput } from '@signalbox/client';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Age } from '../ui/age.tsx';
import { Figures } from '../ui/figures.tsx';
import { formatCount, NOTHING } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import classes from './policies.module.css';
import { EFFECT_LOOKS } from './policy-looks.ts';

const SHOWN = 200;

/** What a text would have said of the calls that were made in the last week. Nothing is changed by it. */
export function DryRunPanel({ document }: { document: PolicyInput | null }) {
  const { client } = useApi();
  const run = useMutation({ mutationFn: (tried: PolicyInput) => client.policies.dryRun({ document: tried }) });
  return (
    <Panel title="On the calls of the last week" note="as if this policy alone had decided">
      <div className={classes.inset}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          loading={run.isPending}
          disabled={document === null}
          onClick={() => document !== null && run.mutate(document)}
        >
          Dry run
        </Button>
        {run.error !== null && <ProblemNote error={run.error} />}
        {run.data !== undefined && <Outcome outcome={run.data} />}
      </div>
    </Panel>
  );
}

function Outcome({ outcome }: { outcome: PolicyDryRun }) {
  const { calls, allow, deny, requireApproval, warned, unreadable, affected } = outcome;
  const shown = affected.slice(0, SHOWN);
  const titles = useSessionTitles(shown.map(({ sessionId }) => sessionId));
  return (
    <>
      <Figures
        label="What it would have said"
        figures={[
          { label: 'Calls', value: formatCount(calls), about: unreadable > 0 ? `${unreadable} cannot be read` : '' },
          { label: 'Allowed', value: formatCount(allow) },
          { label: 'Held', value: formatCount(requireApproval) },
          { label: 'Refused', value: formatCount(deny) },
          { label: 'Warned of', value: formatCount(warned) },
        ]}
      />
      {affected.length === 0 ? (
        <p className={classes.quiet}>
          {calls === 0 ? 'No calls were recorded in the last week.' : 'It would have held and refused nothing.'}
        </p>
      ) : (
        <div className={table.scroll}>
          <table className={table.table} aria-label="Calls that were not simply allowed">
            <thead>
              <tr>
                <th>When</th>
                <th>Call</th>
                <th>Would be</th>
                <th>Rule</th>
                <th>Session</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ sessionId, seq, at, tool, commands, effect, rule, warnings }) => (
                <tr key={`${sessionId} ${seq}`}>
                  <td>
                    <Age since={at} />
                  </td>
                  <td>
                    {tool} <code>{commands.join('; ')}</code>
                  </td>
                  <td>
                    <LookBadge look={EFFECT_LOOKS[effect]} status={effect} />
                  </td>
                  <td>{rule?.name ?? (warnings.map(({ name }) => name).join(', ') || NOTHING)}</td>
                  <td>
                    <Link to="/sessions/$sessionId" params={{ sessionId }}>
                      {titles.get(sessionId) ?? `…${sessionId.slice(-8)}`}
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {affected.length > shown.length && (
        <p className={classes.quiet}>
          The newest {SHOWN} of {formatCount(affected.length)}.
        </p>
      )}
    </>
  );
}

import { Button } from '@mantine/core';
import type { Policy } from '@signalbox/client';
import { IconGavel, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { Listed } from '../ui/listed.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { usePolicies } from './use-policies.ts';

const DEFAULT_WORDS: Readonly<Record<Policy['document']['default'], string>> = {
  allow: 'allowed',
  deny: 'refused',
  require_approval: 'held',
  next: 'left to the next policy',
};

/** Rules that say what agents may do, in the order in which they are asked. */
export function PoliciesPage() {
  const list = usePolicies();
  const total = list.total ?? 0;
  return (
    <Page
      title="Policies"
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          renderRoot={(props) => <Link to="/policies/new" {...props} />}
        >
          New policy
        </Button>
      }
    >
      <Listed
        list={list}
        blank={
          <Blank icon={<IconGavel size={28} />} title="No policies yet">
            Agents may do everything that their runtime lets them. A policy says what is refused, and what waits for
            somebody: make one here, or with <code>signalbox policies apply</code>.
          </Blank>
        }
      >
        <Panel title={`${total} ${total === 1 ? 'policy' : 'policies'}`} note="asked from the first to the last">
          <PolicyTable policies={list.items} />
        </Panel>
      </Listed>
    </Page>
  );
}

function PolicyTable({ policies }: { policies: readonly Policy[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const titles = useSessionTitles(policies.flatMap(({ sessionId }) => sessionId ?? []));
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Position</th>
            <th>Policy</th>
            <th>Rules</th>
            <th>Everything else is</th>
            <th>Holds for</th>
            <th>Version</th>
            <th>Changed</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {policies.map((policy) => (
            <tr key={policy.id} data-policy={policy.id}>
              <td>{policy.position}</td>
              <td className={table.strong}>
                <Link to="/policies/$policy" params={{ policy: policy.id }} data-row>
                  {policy.name}
                </Link>
                {!policy.enabled && <span className={table.muted}> switched off</span>}
                {policy.document.description !== null && (
                  <div className={table.muted}>{policy.document.description}</div>
                )}
              </td>
              <td>{policy.document.rules.length}</td>
              <td>{DEFAULT_WORDS[policy.document.default]}</td>
              <td>
                {policy.sessionId === null ? (
                  'all sessions'
                ) : (
                  <Link to="/sessions/$sessionId" params={{ sessionId: policy.sessionId }}>
                    {titles.get(policy.sessionId) ?? `…${policy.sessionId.slice(-8)}`}
                  </Link>
                )}
              </td>
              <td>{policy.version}</td>
              <td>
                <Age since={policy.updatedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { Button } from '@mantine/core';
import type { Budget } from '@signalbox/client';
import { IconCoins, IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Blank } from '../ui/blank.tsx';
import { confirm } from '../ui/confirm.tsx';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useRowKeys } from '../ui/use-row-keys.ts';
import { BudgetBars } from './budget-bars.tsx';
import { BudgetDialog } from './budget-dialog.tsx';
import { BUDGET_LOOKS, budgetState } from './budget-state.ts';
import { useBudgets, useBudgetsChanged } from './use-budgets.ts';

const PERIODS: Readonly<Record<Budget['period'], string>> = { total: 'for good', day: 'each day', month: 'each month' };

/** What sessions, agents and the project may spend, and what they have. */
export function BudgetsPage() {
  const list = useBudgets();
  const [asking, setAsking] = useState<'new' | Budget | null>(null);
  const total = list.total ?? 0;
  return (
    <Page
      title="Budgets"
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAsking('new')}
        >
          New budget
        </Button>
      }
    >
      <Listed
        list={list}
        blank={
          <Blank icon={<IconCoins size={28} />} title="No budgets yet">
            Nothing stops a session that goes round in circles. A budget warns, and then has it stand still, at so many
            tokens, dollars, seconds or tool calls: make one here, or with <code>signalbox budgets create</code>.
          </Blank>
        }
      >
        <Panel
          title={`${total} ${total === 1 ? 'budget' : 'budgets'}`}
          note="where one is used up, sessions stand still"
        >
          <BudgetTable budgets={list.items} onChange={setAsking} />
        </Panel>
      </Listed>
      {asking !== null && <BudgetDialog budget={asking === 'new' ? null : asking} onClose={() => setAsking(null)} />}
    </Page>
  );
}

function BudgetTable({ budgets, onChange }: { budgets: readonly Budget[]; onChange: (budget: Budget) => void }) {
  const { client } = useApi();
  const changed = useBudgetsChanged();
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const titles = useSessionTitles(budgets.flatMap(({ owner }) => (owner.scope === 'session' ? owner.sessionId : [])));
  const remove = useMutation({
    mutationFn: ({ id, version }: Budget) => client.budgets.delete(id, version),
    onSuccess: (_answer, { name }) => notifyDone(`${name} holds no more.`),
    onError: (error) => notifyProblem(error, 'The budget was not removed'),
    onSettled: changed,
  });
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Name</th>
            <th>State</th>
            <th>Spent</th>
            <th>Counts</th>
            <th>Holds</th>
            <th>
              <span className={table.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {budgets.map((budget) => {
            const state = budgetState(budget);
            return (
              <tr key={budget.id} data-budget={budget.name}>
                <td className={table.strong}>{budget.name}</td>
                <td>
                  <LookBadge look={BUDGET_LOOKS[state]} status={state} />
                </td>
                <td>
                  <BudgetBars budget={budget} />
                </td>
                <td>
                  <Owner owner={budget.owner} titles={titles} />
                </td>
                <td>{PERIODS[budget.period]}</td>
                <td className={table.act}>
                  <Button
                    size="compact-xs"
                    variant={state === 'used_up' ? 'filled' : 'default'}
                    aria-label={`${state === 'used_up' ? 'Raise' : 'Change'} ${budget.name}…`}
                    data-row
                    onClick={() => onChange(budget)}
                  >
                    {state === 'used_up' ? 'Raise…' : 'Change…'}
                  </Button>{' '}
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Remove ${budget.name}…`}
                    onClick={() =>
                      confirm({
                        title: `Remove ${budget.name}?`,
                        body: 'It limits nothing from now on, and sessions that stand still for it go on.',
                        confirm: 'Remove budget',
                        grave: true,
                        onConfirm: () => remove.mutate(budget),
                      })
                    }
                  >
                    Remove…
                  </Button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Owner({ owner, titles }: { owner: Budget['owner']; titles: ReadonlyMap<string, string> }) {
  switch (owner.scope) {
    case 'project':
      return 'everything';
    case 'agent':
      return `what ${owner.agent} runs`;
    case 'session':
      return (
        <Link to="/sessions/$sessionId" params={{ sessionId: owner.sessionId }}>
          {titles.get(owner.sessionId) ?? `…${owner.sessionId.slice(-8)}`}
        </Link>
      );
  }
}

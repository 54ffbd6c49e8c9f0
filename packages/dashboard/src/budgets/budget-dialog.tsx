import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import type { Budget, CreateBudget } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { budgetState, MEASURES, type Measure, measureState } from './budget-state.ts';
import classes from './budgets.module.css';
import { useBudgetsChanged } from './use-budgets.ts';

type Scope = CreateBudget['owner']['scope'];
type Period = Budget['period'];

const SCOPES: readonly { value: Scope; label: string }[] = [
  { value: 'project', label: 'everything in the project' },
  { value: 'agent', label: 'what one agent runs' },
  { value: 'session', label: 'one session, with those below it' },
];
const PERIODS: readonly { value: Period; label: string }[] = [
  { value: 'total', label: 'for good' },
  { value: 'day', label: 'each day (UTC)' },
  { value: 'month', label: 'each month (UTC)' },
];
const UNITS: Readonly<Record<Measure, string>> = {
  tokens: 'Tokens, of all kinds',
  costUsd: 'Cost, in US dollars',
  seconds: 'Running time, in seconds',
  toolCalls: 'Tool calls',
};

/** Makes a budget, or changes one (then its name and whose it is stay). Names the version looked at. */
export function BudgetDialog({ budget, onClose }: { budget: Budget | null; onClose: () => void }) {
  const { client } = useApi();
  const changed = useBudgetsChanged();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('project');
  const [whose, setWhose] = useState('');
  const [period, setPeriod] = useState<Period>(budget?.period ?? 'total');
  const [warning, setWarning] = useState<number | string>(Math.round((budget?.warningShare ?? 0.8) * 100));
  const [limits, setLimits] = useState<Partial<Record<Measure, number | string>>>(budget?.limits ?? {});
  const [tried, setTried] = useState(false);
  const limited = Object.fromEntries(
    MEASURES.flatMap(({ measure }) => (typeof limits[measure] === 'number' ? [[measure, limits[measure]]] : [])),
  );
  const unlimited = Object.keys(limited).length === 0;
  const nameless = budget === null && name === '';
  const ownerless = budget === null && scope !== 'project' && whose.trim() === '';
  const save = useMutation({
    mutationFn: () => {
      const warningShare = typeof warning === 'number' ? warning / 100 : 0.8;
      const wanted = { limits: limited, period, warningShare };
      if (budget !== null) return client.budgets.update(budget.id, budget.version, wanted);
      return client.budgets.create({ name, owner: ownerOf(scope, whose.trim()), ...wanted });
    },
    onSuccess: (saved) => {
      const goesOn = budget !== null && budgetState(budget) === 'used_up' && budgetState(saved) !== 'used_up';
      notifyDone(
        budget === null
          ? `${saved.name} holds from now on.`
          : `${saved.name} is changed.${goesOn ? ' What stood still for it goes on.' : ''}`,
      );
      onClose();
    },
    onSettled: changed,
  });
  // Whoever comes because it is used up finds himself where it is.
  const first =
    MEASURES.find(({ measure }) => budget !== null && measureState(budget, measure)?.state === 'used_up')?.measure ??
    'tokens';
  return (
    <Modal opened onClose={onClose} title={budget === null ? 'New budget' : `Change ${budget.name}`} centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!unlimited && !nameless && !ownerless) save.mutate();
        }}
      >
        <Stack gap="sm">
          {budget === null ? (
            <>
              <TextInput
                label="Name"
                description="Lower-case letters, digits and dashes"
                value={name}
                error={tried && nameless ? 'Give it a name.' : undefined}
                onChange={(event) => setName(event.currentTarget.value)}
                maxLength={63}
                required
                data-autofocus
              />
              <Select
                label="It counts"
                data={[...SCOPES]}
                value={scope}
                allowDeselect={false}
                onChange={(value) => setScope((value ?? 'project') as Scope)}
              />
              {scope !== 'project' && (
                <TextInput
                  label={scope === 'agent' ? 'Name of the agent' : 'Id of the session'}
                  value={whose}
                  error={tried && ownerless ? 'Say whose it is.' : undefined}
                  onChange={(event) => setWhose(event.currentTarget.value)}
                  maxLength={100}
                  required
                />
              )}
            </>
          ) : (
            <p className={classes.about}>
              Sessions that stand still for it go on where it suffices then. A limit that is left empty is none.
            </p>
          )}
          <div className={classes.limits}>
            {MEASURES.map(({ measure }) => (
              <NumberInput
                key={measure}
                label={UNITS[measure]}
                value={limits[measure] ?? ''}
                onChange={(value) => setLimits((before) => ({ ...before, [measure]: value }))}
                min={measure === 'costUsd' ? 0.01 : 1}
                decimalScale={measure === 'costUsd' ? 4 : 0}
                thousandSeparator=","
                hideControls
                placeholder="no limit"
                {...(budget !== null && measure === first ? { 'data-autofocus': true } : {})}
              />
            ))}
          </div>
          {tried && unlimited && (
            <p className={classes.about} role="alert">
              Limit at least one of them.
            </p>
          )}
          <div className={classes.limits}>
            <Select
              label="It holds"
              data={[...PERIODS]}
              value={period}
              allowDeselect={false}
              onChange={(value) => setPeriod((value ?? 'total') as Period)}
            />
            <NumberInput
              label="Warn from"
              value={warning}
              onChange={setWarning}
              min={1}
              max={100}
              decimalScale={0}
              suffix=" %"
              hideControls
            />
          </div>
          {save.error !== null && <ProblemNote error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={save.isPending}>
              {budget === null ? 'Make the budget' : 'Change the budget'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function ownerOf(scope: Scope, whose: string): CreateBudget['owner'] {
  if (scope === 'agent') return { scope, agent: whose };
  return scope === 'session' ? { scope, sessionId: whose } : { scope };
}

import { SegmentedControl } from '@mantine/core';
import type { UndoPlan } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import type { DependentAnswer } from './undo-choices.ts';
import classes from './undo-preview.module.css';

interface Props {
  plan: UndoPlan;
  answers: readonly DependentAnswer[];
  onAnswer: (changeId: string, answer: DependentAnswer['answer']) => void;
}

/** As many as one page of changes holds. */
const MOST = 100;
const CHOICES = [
  { value: 'conflict', label: 'Conflict' },
  { value: 'include', label: 'Undo it too' },
  { value: 'skip', label: 'Skip' },
];

/** Later changes that nobody selected and that stand on selected ones: what is to be done about each. */
export function DependentChanges({ plan, answers, onAnswer }: Props) {
  const { client, project } = useApi();
  const ids = [
    ...new Set([
      ...plan.conflicts.flatMap(({ dependents }) => dependents),
      ...plan.includedDependents,
      ...answers.map(({ changeId }) => changeId),
    ]),
  ].slice(0, MOST);
  const changes = useQuery({
    queryKey: [...keys.undos(project), 'dependents', plan.workspaceId, ids],
    queryFn: ({ signal }) =>
      client.changes.ofWorkspace(plan.workspaceId, { 'id.in': ids.join(','), pageSize: MOST }, { signal }),
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });
  const known = new Map((changes.data?.items ?? []).map((change) => [change.id, change]));
  const titles = useSessionTitles([...known.values()].flatMap(({ sessionId }) => sessionId ?? []));
  if (ids.length === 0) return null;
  return (
    <section className={classes.extra} aria-label="Changes that depend on these">
      <h2 className={classes.heading}>Built upon it later</h2>
      <p className={classes.about}>These stand on what is undone. Undo them too, or skip what they stand on.</p>
      {ids.map((id) => {
        const change = known.get(id);
        const name = change?.path ?? `change ${id.slice(-8)}`;
        const by =
          change === undefined
            ? null
            : change.sessionId === null
              ? change.attribution
              : (titles.get(change.sessionId) ?? change.actor);
        return (
          <div key={id} className={classes.dependent}>
            <span className={classes.dependentName}>
              <code>{name}</code> {by !== null && <span className={classes.quiet}>by {by}</span>}
            </span>
            <SegmentedControl
              size="xs"
              aria-label={`What to do with ${name}`}
              data={CHOICES}
              value={answers.find(({ changeId }) => changeId === id)?.answer ?? 'conflict'}
              onChange={(value) => onAnswer(id, value as DependentAnswer['answer'])}
            />
          </div>
        );
      })}
    </section>
  );
}

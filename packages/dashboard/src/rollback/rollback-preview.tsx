import { Skeleton } from '@mantine/core';
import type { RollbackPoint, RollbackPreview } from '@signalbox/client';
import { IconCircleCheck, IconRestore } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { Blank } from '../ui/blank.tsx';
import { FileTree } from '../ui/file-tree.tsx';
import { formatDuration } from '../ui/format.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { PreviewBar } from '../undo/preview-bar.tsx';
import classes from '../undo/undo-preview.module.css';
import { counted } from '../undo/undo-words.ts';
import { ApplyDialog } from './apply-dialog.tsx';
import { ChangePanel } from './change-panel.tsx';
import { ChangeSummary } from './change-summary.tsx';
import {
  type ChangedItem,
  changedItems,
  type Resolution,
  type RollbackChoices,
  requestOf,
} from './rollback-choices.ts';
import { CHANGE_WORDS, strategyWord } from './rollback-looks.ts';
import { StrategyChoice } from './strategy-choice.tsx';
import { useRollbackPreview } from './use-rollback.ts';

interface Props {
  point: RollbackPoint;
  choices: RollbackChoices;
  onChoices: (choices: RollbackChoices) => void;
  /** Place in the tree of the item that is looked at. */
  item: string | undefined;
  onItem: (path: string) => void;
}

/** What going back would do, item by item; how it is to be done; and the rollback itself. */
export function RollbackPreviewBody({ point, choices, onChoices, item, onItem }: Props) {
  const { client } = useApi();
  const navigate = useNavigate();
  const [answers, setAnswers] = useState<Readonly<Record<string, Resolution>>>({});
  const [starting, setStarting] = useState(false);

  const wholeRequest = requestOf(choices, null, answers);
  const whole = useRollbackPreview(point.id, wholeRequest);
  const items = changedItems(whole.data?.changes ?? []);
  const left = new Set(choices.leave);
  const kept = items.filter((each) => !left.has(each.item)).map((each) => each.item);
  const request = kept.length === items.length ? wholeRequest : requestOf(choices, kept, answers);
  const part = useRollbackPreview(point.id, request);
  const plan = request === null ? undefined : part.data;
  const computing = whole.isFetching || part.isFetching;
  const error = whole.error ?? part.error;
  const again = async () => {
    await whole.refetch();
    if (request !== null && request !== wholeRequest) await part.refetch();
  };
  const tick = (ticked: readonly ChangedItem[], on: boolean) => {
    const names = ticked.map((each) => each.item);
    const others = choices.leave.filter((path) => !names.includes(path));
    onChoices({ ...choices, leave: on ? others : [...others, ...names] });
  };
  const chosen = items.find(({ path }) => path === item) ?? items[0];

  return (
    <>
      <PreviewBar
        state={computing ? 'Looking…' : plan === undefined ? '' : whatHolds(plan)}
        computing={computing}
        onAgain={() => void again()}
        verb="Roll back"
        icon={IconRestore}
        ready={plan !== undefined && plan.totalChanges > 0 && plan.problems.length === 0}
        onStart={() => setStarting(true)}
      >
        <StrategyChoice choices={choices} parts={kept.length < items.length} onChoices={onChoices} />
      </PreviewBar>
      {plan !== undefined && <ChangeSummary plan={plan} />}
      {error !== null && (
        <div className={classes.none}>
          <ProblemNote error={error} />
        </div>
      )}
      {whole.data === undefined && error === null && wholeRequest !== null && (
        <Skeleton height={240} m="md" aria-label="Looking what the rollback would do" />
      )}
      {wholeRequest === null && (
        <Blank title="Since when?">Name the moment: what was changed after it goes back, the rest stays.</Blank>
      )}
      {whole.data !== undefined && wholeRequest !== null && items.length === 0 && (
        <NothingToDo strategy={choices.strategy} />
      )}
      {chosen !== undefined && wholeRequest !== null && (
        <div className={classes.body}>
          <div className={classes.side}>
            <FileTree
              label="What becomes of each item"
              items={items}
              chosen={chosen.path}
              onChoose={onItem}
              ticks={{ has: (each) => !left.has(each.item), set: tick }}
              mark={(each) => <ItemMark item={each} left={left.has(each.item)} />}
            />
          </div>
          <ChangePanel
            key={chosen.path}
            point={point}
            item={chosen}
            left={left.has(chosen.item)}
            conflicts={(plan?.potentialConflicts ?? []).filter(({ path }) =>
              chosen.changes.some((change) => change.path === path),
            )}
            answers={choices.conflicts === 'ask_user' ? answers : null}
            onAnswer={(path, answer) => setAnswers({ ...answers, [path]: answer })}
          />
        </div>
      )}
      {starting && plan !== undefined && request !== null && (
        <ApplyDialog
          plan={plan}
          onStart={async (how) => {
            const { id } = await client.rollback.start(point.id, { ...request, ...how });
            void navigate({ to: '/rollback/operations/$operationId', params: { operationId: id } });
          }}
          onClose={() => setStarting(false)}
        />
      )}
    </>
  );
}

function NothingToDo({ strategy }: Pick<RollbackChoices, 'strategy'>) {
  const late = strategy === 'time_based';
  return (
    <Blank
      icon={<IconCircleCheck size={28} />}
      title={late ? 'Nothing was changed after that moment' : 'Everything is as it was'}
    >
      {late
        ? 'What differs from the point was changed before it, and stays.'
        : 'Nothing that the point holds differs from it, so there is nothing to go back to.'}
    </Blank>
  );
}

function ItemMark({ item: { changes }, left }: { item: ChangedItem; left: boolean }) {
  const words = left
    ? 'left as it is'
    : [...new Set(changes.map(({ operation }) => CHANGE_WORDS[operation]))].join(', ');
  return <span className={classes.quiet}>{words}</span>;
}

function whatHolds({ totalChanges, strategy, estimatedDuration }: RollbackPreview): string {
  if (totalChanges === 0) return 'Nothing would be changed';
  const time = formatDuration(estimatedDuration / 1000);
  return `${counted(totalChanges, 'change')}, ${strategyWord(strategy).toLowerCase()}, about ${time}. Nothing is changed yet`;
}

import { Select, TextInput } from '@mantine/core';
import { CHOSEN_STRATEGIES, RESOLUTIONS, type RollbackChoices } from './rollback-choices.ts';
import { RESOLUTION_WORDS, STRATEGY_ABOUT, STRATEGY_WORDS } from './rollback-looks.ts';
import classes from './strategy-choice.module.css';

interface Props {
  choices: RollbackChoices;
  /** Whether only some of the items go back: then there is no choice of strategy. */
  parts: boolean;
  onChoices: (choices: RollbackChoices) => void;
}

const STRATEGIES = CHOSEN_STRATEGIES.map((value) => ({
  value,
  label: value === 'recommended' ? 'As recommended' : STRATEGY_WORDS[value],
}));

/** How to go back: the strategy, what becomes of conflicts, and since when. */
export function StrategyChoice({ choices, parts, onChoices }: Props) {
  const about = parts ? 'Only what is ticked goes back.' : STRATEGY_ABOUT[choices.strategy];
  return (
    <div className={classes.choice}>
      <Select
        size="xs"
        label="Strategy"
        data={parts ? [{ value: 'partial', label: STRATEGY_WORDS.partial }] : STRATEGIES}
        value={parts ? 'partial' : choices.strategy}
        disabled={parts}
        allowDeselect={false}
        onChange={(value) =>
          onChoices({ ...choices, strategy: CHOSEN_STRATEGIES.find((one) => one === value) ?? 'recommended' })
        }
      />
      {choices.strategy === 'time_based' && !parts && (
        <TextInput
          size="xs"
          type="datetime-local"
          label="Changed after"
          value={choices.since ?? ''}
          onChange={(event) => onChoices({ ...choices, since: event.currentTarget.value || null })}
        />
      )}
      <Select
        size="xs"
        label="Where something else stands"
        data={RESOLUTIONS.map((value) => ({ value, label: RESOLUTION_WORDS[value] }))}
        value={choices.conflicts}
        disabled={choices.strategy === 'force' && !parts}
        allowDeselect={false}
        onChange={(value) => onChoices({ ...choices, conflicts: RESOLUTIONS.find((one) => one === value) ?? 'abort' })}
      />
      <p className={classes.about}>{about}</p>
    </div>
  );
}

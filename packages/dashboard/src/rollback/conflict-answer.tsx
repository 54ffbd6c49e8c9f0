import { SegmentedControl } from '@mantine/core';
import type { RollbackConflict } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { TextDiff } from '../session/text-diff.tsx';
import classes from '../undo/undo-preview.module.css';
import { counted } from '../undo/undo-words.ts';
import { type Resolution, valueText } from './rollback-choices.ts';

const WHY: Readonly<Record<RollbackConflict['type'], string>> = {
  value_mismatch: 'Something else stands there than was expected.',
  missing_target: 'What is to change is not there any more.',
  type_mismatch: 'Something of another kind stands there.',
  permission_denied: 'It may not be written.',
  dependency_conflict: 'Something else hangs on it.',
};

const CHOICES: { value: Resolution; label: string }[] = [
  { value: 'abort', label: 'Do nothing at all' },
  { value: 'skip', label: 'Leave it' },
  { value: 'overwrite', label: 'Overwrite it' },
  { value: 'merge', label: 'Merge' },
];

interface Props {
  conflict: RollbackConflict;
  /** Null where all conflicts are met alike. */
  answer: Resolution | null;
  onAnswer: (answer: Resolution) => void;
}

/** A conflict: why it is one, both sides compared, and its answers with what a merge would come to. */
export function ConflictAnswer({ conflict, answer, onAnswer }: Props) {
  const { path, type, currentValue, rollbackValue } = conflict;
  return (
    <section className={classes.extra} aria-label={`Conflict in ${path}`}>
      <h3 className={classes.heading}>In conflict</h3>
      <p className={classes.about}>{WHY[type]}</p>
      <TextDiff path={path} before={valueText(currentValue)} after={valueText(rollbackValue)} />
      {answer !== null && (
        <SegmentedControl
          size="xs"
          aria-label={`What to do with ${path}`}
          data={CHOICES}
          value={answer}
          onChange={(value) => onAnswer(CHOICES.find((choice) => choice.value === value)?.value ?? 'abort')}
        />
      )}
      {answer === 'merge' && <Merged conflict={conflict} />}
    </section>
  );
}

function Merged({ conflict }: { conflict: RollbackConflict }) {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: [...keys.rollbackPreview(project, conflict.path, conflict), 'merge'],
    queryFn: ({ signal }) => client.rollbackConflicts.resolve({ conflict, strategy: 'merge' }, { signal }),
  });
  if (data === undefined) return null;
  if (!data.success) return <p className={classes.about}>They cannot be merged: {data.warnings.join('; ')}</p>;
  const doubts =
    data.warnings.length === 0 ? '' : `, ${counted(data.warnings.length, 'doubt')}: ${data.warnings.join('; ')}`;
  return (
    <>
      <p className={classes.about}>
        Merged, {Math.round(data.confidence)} % sure{doubts}
      </p>
      <TextDiff path={conflict.path} before={valueText(conflict.currentValue)} after={valueText(data.mergedValue)} />
    </>
  );
}

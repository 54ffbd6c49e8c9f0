import { Checkbox } from '@mantine/core';
import type { UndoPlan } from '@signalbox/client';
import classes from './undo-preview.module.css';

interface Props {
  leftOut: UndoPlan['leftOut'];
  /** Ids of changes that are taken along. */
  included: readonly string[];
  onChange: (included: string[]) => void;
}

const WHY: Readonly<Record<string, string>> = {
  ambiguous: 'several sessions may have made it',
  external: 'nobody here made it',
};

/** Changes of which nobody can tell whose they are: they are undone only when somebody says so. */
export function LeftOut({ leftOut, included, onChange }: Props) {
  // What was included is not left out any more, and must still be there to be unticked.
  const rows = [
    ...leftOut.map(({ changeId, path, attribution }) => ({
      changeId,
      text: path,
      why: WHY[attribution] ?? attribution,
    })),
    ...included
      .filter((id) => !leftOut.some(({ changeId }) => changeId === id))
      .map((changeId) => ({ changeId, text: `change ${changeId.slice(-8)}`, why: 'taken along by its name' })),
  ];
  if (rows.length === 0) return null;
  return (
    <section className={classes.extra} aria-label="Changes left out">
      <h2 className={classes.heading}>Left out</h2>
      <p className={classes.about}>Nobody can tell for certain that the session made these. Tick what is to go too.</p>
      {rows.map(({ changeId, text, why }) => (
        <Checkbox
          key={changeId}
          size="xs"
          label={text}
          description={why}
          checked={included.includes(changeId)}
          onChange={(event) =>
            onChange(
              event.currentTarget.checked ? [...included, changeId] : included.filter((each) => each !== changeId),
            )
          }
        />
      ))}
    </section>
  );
}

import { UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import classes from './diff-view.module.css';
import type { Payload } from './payloads.ts';
import { parseUnifiedDiff } from './unified-diff.ts';

/** Lines drawn at first: a diff of a generated file can have very many. */
const FIRST_LINES = 600;
const MARKS = { add: '+', delete: '−', context: ' ', hunk: '', note: '' } as const;

/** A unified diff with the line numbers of both sides. */
export function DiffView({ change }: { change: Payload<'file_change'> }) {
  const [all, setAll] = useState(false);
  const lines = useMemo(() => parseUnifiedDiff(change.diff ?? ''), [change.diff]);
  if (change.binary) return <p className={classes.none}>A binary file; its content is not compared.</p>;
  if (lines.length === 0) return <p className={classes.none}>{whyEmpty(change)}</p>;
  const shown = all ? lines : lines.slice(0, FIRST_LINES);
  return (
    <div className={classes.diff}>
      <table className={classes.table} aria-label={`Changes of ${change.path}`}>
        <tbody>
          {shown.map(({ kind, before, after, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a diff never move
            <tr key={index} data-kind={kind}>
              <td className={classes.number}>{before}</td>
              <td className={classes.number}>{after}</td>
              <td className={classes.mark}>{MARKS[kind]}</td>
              <td className={classes.text}>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > shown.length && (
        <UnstyledButton className={classes.more} onClick={() => setAll(true)}>
          Show all {lines.length} lines
        </UnstyledButton>
      )}
    </div>
  );
}

function whyEmpty({ diff, operation }: Payload<'file_change'>): string {
  if (diff === null) return 'No diff was recorded for this change.';
  if (operation === 'renamed') return 'Renamed; its content is the same.';
  if (operation === 'mode') return 'Only its mode changed.';
  return 'Its content is empty or the same.';
}

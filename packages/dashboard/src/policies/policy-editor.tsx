import { UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useRef } from 'react';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './policies.module.css';
import type { CheckedText } from './use-checked-text.ts';

interface Props {
  text: string;
  onChange: (text: string) => void;
  checked: CheckedText;
}

/** The text of a policy with its line numbers; what is wrong is marked where it is, and named below. */
export function PolicyEditor({ text, onChange, checked: { problems, checking, document, error } }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n');
  const wrong = new Map(problems.map(({ line, message }) => [line, message]));
  const goTo = (line: number) => {
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    field.current?.focus();
    field.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  };
  return (
    <div className={classes.editor}>
      <div className={classes.scroller}>
        <div className={classes.gutter} aria-hidden>
          {lines.map((_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={index} data-wrong={wrong.has(index + 1) || undefined} title={wrong.get(index + 1)}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={field}
          className={classes.text}
          aria-label="Text of the policy"
          aria-invalid={problems.length > 0}
          aria-describedby="policy-problems"
          value={text}
          rows={Math.max(12, lines.length + 1)}
          wrap="off"
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </div>
      <div id="policy-problems" className={classes.verdict} role="status">
        {error !== null ? (
          <ProblemNote error={error} />
        ) : problems.length > 0 ? (
          <ul className={classes.problems} data-tone="danger">
            {problems.map(({ line, message }) => (
              <li key={`${line} ${message}`}>
                <UnstyledButton className={classes.problem} onClick={() => goTo(line)}>
                  <IconAlertTriangle size={14} aria-hidden /> Line {line}: {message}
                </UnstyledButton>
              </li>
            ))}
          </ul>
        ) : (
          <span className={classes.sound} data-tone={document === null ? 'idle' : 'done'}>
            {document === null ? (
              checking && 'Looking at it…'
            ) : (
              <>
                <IconCheck size={14} aria-hidden /> Nothing is wrong with it
              </>
            )}
          </span>
        )}
      </div>
    </div>
  );
}

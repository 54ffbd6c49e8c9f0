import { Button, Textarea } from '@mantine/core';
import type { UndoConflict } from '@signalbox/client';
import { useMemo, useState } from 'react';
import { hasMarkers, type SideLine, sideLines, withNamedSides } from './conflict-lines.ts';
import classes from './conflict-panel.module.css';
import type { Resolution } from './undo-choices.ts';
import { CONFLICT_WORDS } from './undo-looks.ts';

interface Props {
  conflict: UndoConflict;
  /** How it was answered here. */
  resolution: Resolution | undefined;
  /** Null takes the answer back. */
  onAnswer: (resolution: Pick<Resolution, 'answer' | 'text'> | null) => void;
}

/** A conflict with both sides next to each other and git's merge between them, which can be edited; and its answers. */
export function ConflictPanel({ conflict, resolution, onAnswer }: Props) {
  const { kind, ours, theirs, merged, answer, position, path } = conflict;
  const [text, setText] = useState(
    () => resolution?.text ?? (merged === null ? (ours?.text ?? theirs?.text ?? '') : withNamedSides(merged)),
  );
  const sides = useMemo(() => sideLines(ours?.text ?? '', theirs?.text ?? ''), [ours, theirs]);
  const textual = [ours, theirs].some((side) => side !== null && side.text !== null);
  const given = resolution?.answer ?? answer;
  return (
    <section className={classes.conflict} aria-label={`Conflict in ${path}, change ${position}`}>
      <p className={classes.why}>{CONFLICT_WORDS[kind]}</p>
      <div className={classes.sides} data-merge={textual || undefined}>
        <Side title="Now" about="What stands there" side={ours} lines={sides.left} />
        {textual && (
          <div className={classes.side}>
            <h3 className={classes.title}>
              Merged <span className={classes.about}>edit it to what is to stand there</span>
            </h3>
            <Textarea
              aria-label="Merged text"
              classNames={{ input: classes.text }}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autosize
              minRows={8}
              maxRows={28}
              spellCheck={false}
            />
            {hasMarkers(text) && <p className={classes.about}>It still holds the marks of the conflict.</p>}
          </div>
        )}
        <Side title="Old" about="What stood there before the change" side={theirs} lines={sides.right} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out like this in every browser */}
      <div className={classes.answers} role="group" aria-label="Answer">
        <Answer label="Keep what is now" on={given === 'ours'} onClick={() => onAnswer({ answer: 'ours' })} />
        {textual && (
          <Answer
            label="Take the merged text"
            on={given === 'merge' && resolution?.text === text}
            disabled={hasMarkers(text)}
            onClick={() => onAnswer({ answer: 'merge', text })}
          />
        )}
        <Answer label="Take the old" on={given === 'theirs'} onClick={() => onAnswer({ answer: 'theirs' })} />
        <Answer label="Leave the file alone" on={given === 'skip'} onClick={() => onAnswer({ answer: 'skip' })} />
        {resolution !== undefined && (
          <Button size="compact-xs" variant="subtle" onClick={() => onAnswer(null)}>
            Take the answer back
          </Button>
        )}
      </div>
    </section>
  );
}

function Answer(props: { label: string; on: boolean; disabled?: boolean; onClick: () => void }) {
  const { label, on, disabled = false, onClick } = props;
  return (
    <Button
      size="compact-sm"
      variant={on ? 'filled' : 'default'}
      aria-pressed={on}
      disabled={disabled}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

interface SideProps {
  title: string;
  about: string;
  side: UndoConflict['ours'];
  lines: readonly SideLine[];
}

function Side({ title, about, side, lines }: SideProps) {
  return (
    <div className={classes.side}>
      <h3 className={classes.title}>
        {title} <span className={classes.about}>{about}</span>
      </h3>
      {side === null ? (
        <p className={classes.none}>There is no such file.</p>
      ) : side.text === null ? (
        <p className={classes.none}>
          Not a text, or too long to show. Mode {side.mode}, object {side.oid.slice(0, 12)}.
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        <pre className={classes.lines} tabIndex={0}>
          {lines.map(({ text, differs }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a side never move
            <span key={index} className={classes.line} data-differs={differs || undefined}>
              {`${text}\n`}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}

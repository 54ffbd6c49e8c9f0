import type { BlamedLine } from '@signalbox/client';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { formatDateTime } from '../ui/format.ts';
import classes from './blame-lines.module.css';
import { SHORT_ORIGINS } from './origin-words.ts';

const LINE_HEIGHT = 20;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 20, PageUp: -20 };

interface Props {
  lines: readonly BlamedLine[];
  chosen: number;
  onChoose: (line: number) => void;
}

/** The lines of a file, each with whose it is; arrows go from one to the next. Only those in view exist. */
export function BlameLines({ lines, chosen, onChoose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const index = chosen - 1;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => list.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 15,
    // The chosen line is always there: it is what the keyboard is at.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), index])].sort((a, b) => a - b),
  });
  const ids = useMemo(() => [...new Set(lines.flatMap(({ sessionId }) => sessionId ?? []))], [lines]);
  const titles = useSessionTitles(ids);
  const moved = useRef(false);
  useEffect(() => {
    virtual.scrollToIndex(index, { align: 'auto' });
    if (moved.current) list.current?.querySelector<HTMLElement>(`[data-line="${chosen}"]`)?.focus();
    moved.current = false;
  }, [virtual, index, chosen]);
  const onKeyDown = (event: KeyboardEvent) => {
    const ends: Record<string, number> = { Home: 1, End: lines.length };
    const next = ends[event.key] ?? chosen + (STEPS[event.key] ?? Number.NaN);
    if (Number.isNaN(next) || event.ctrlKey || event.metaKey || event.altKey) return;
    moved.current = true;
    onChoose(Math.min(lines.length, Math.max(1, next)));
    event.preventDefault();
  };
  return (
    <div ref={list} role="listbox" aria-label="Lines" className={classes.lines} onKeyDown={onKeyDown} tabIndex={-1}>
      <div className={classes.body} role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index: at, start }) => {
          const blamed = lines[at];
          if (blamed === undefined) return null;
          const begins = blamed.changeId !== lines[at - 1]?.changeId;
          const who =
            blamed.sessionId === null
              ? SHORT_ORIGINS[blamed.attribution ?? 'before']
              : (titles.get(blamed.sessionId) ?? SHORT_ORIGINS.tool_call);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the list
            <div
              key={at}
              role="option"
              aria-selected={blamed.line === chosen}
              aria-posinset={at + 1}
              aria-setsize={lines.length}
              aria-label={`Line ${blamed.line}, ${who}: ${blamed.text}`}
              tabIndex={blamed.line === chosen ? 0 : -1}
              data-line={blamed.line}
              data-begins={begins || undefined}
              className={classes.line}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => onChoose(blamed.line)}
            >
              <span className={classes.who} title={blamed.at === null ? who : `${who}, ${formatDateTime(blamed.at)}`}>
                {begins && who}
              </span>
              <span className={classes.number}>{blamed.line}</span>
              <code>{blamed.text}</code>
            </div>
          );
        })}
      </div>
    </div>
  );
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import classes from './text-lines.module.css';

const LINE_HEIGHT = 19;

/** A text line by line with numbers, of which only those in view exist. */
export function TextLines({ label, text }: { label: string; text: string }) {
  const scroller = useRef<HTMLElement>(null);
  const lines = useMemo(() => linesOf(text), [text]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section ref={scroller} className={classes.lines} aria-label={label} tabIndex={0}>
      <div className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div key={index} className={classes.line} style={{ transform: `translateY(${start}px)` }}>
            <span className={classes.number} aria-hidden>
              {index + 1}
            </span>
            <code>{lines[index]}</code>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Without an empty one after the last line end. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

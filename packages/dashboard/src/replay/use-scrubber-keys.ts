import { useEffect, useRef } from 'react';
import { isTyping } from '../app/shortcuts.tsx';

interface Keys {
  seq: number;
  last: number;
  onMove: (seq: number) => void;
  onPlay: () => void;
}

/** What has keys of its own: trees and lists take the arrows, what scrolls the ends, buttons and links the space bar. */
const TAKES_ARROWS = '[role="tree"], [role="listbox"], [role="radiogroup"]';
const TAKES_SPACE = `${TAKES_ARROWS}, button, a, summary, [role="button"]`;

/** Anywhere in the tab: the arrows step, Home and End go to the ends, the space bar plays. */
export function useScrubberKeys(keys: Keys): void {
  const newest = useRef(keys);
  useEffect(() => {
    newest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      // The slider moves by keys itself; to play is not among them.
      const slider = target instanceof HTMLInputElement && target.type === 'range';
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event) && !(slider && event.key === ' ')) return;
      const within = (selector: string) => target instanceof Element && target.closest(selector) !== null;
      const { seq, last, onMove, onPlay } = newest.current;
      const moves: Record<string, number> = { ArrowLeft: seq - 1, ArrowRight: seq + 1, Home: 1, End: last };
      const next = moves[event.key];
      if (event.key === ' ' && !within(TAKES_SPACE)) onPlay();
      else if (next !== undefined && !within(TAKES_ARROWS)) onMove(Math.min(last, Math.max(1, next)));
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

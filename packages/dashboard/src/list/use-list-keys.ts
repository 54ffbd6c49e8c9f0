import type { Virtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef } from 'react';
import { isTyping } from '../app/shortcuts.tsx';
import type { Item, Rows } from './rows.ts';

interface Options {
  rows: Rows<Item>;
  active: number;
  setActive: (index: number) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  open: (id: string) => void;
  /** What other keys do with a row; answers whether the key was one of them. */
  onKey?: ((key: string, id: string) => boolean) | undefined;
  virtual: Virtualizer<HTMLDivElement, Element>;
  scroller: RefObject<HTMLDivElement | null>;
}

const PAGE_STEP = 20;

/**
 * The keys of the list: j/k and arrows move, Enter opens, x selects, Escape clears. They work as soon as the list is
 * shown: a key that goes nowhere else goes to the list.
 */
export function useListKeys(options: Options): (event: KeyboardEvent) => void {
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });

  const handle = useCallback((event: globalThis.KeyboardEvent): boolean => {
    const { rows, active, setActive, selected, onSelect, open, onKey, virtual, scroller } = newest.current;
    if (isTyping(event) && !isOwnCheckbox(event, scroller.current)) return false;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const move = (to: number): true => {
      const index = Math.max(0, Math.min(rows.total - 1, to));
      setActive(index);
      virtual.scrollToIndex(index);
      focusRow(scroller.current, index);
      return true;
    };
    const item = rows.row(active);
    switch (event.key) {
      case 'j':
      case 'ArrowDown':
        return move(isInside(scroller.current) ? active + 1 : active);
      case 'k':
      case 'ArrowUp':
        return move(active - 1);
      case 'PageDown':
        return move(active + PAGE_STEP);
      case 'PageUp':
        return move(active - PAGE_STEP);
      case 'Home':
        return move(0);
      case 'End':
        return move(rows.total - 1);
      case 'Enter':
        if (item === undefined || !isInside(scroller.current)) return false;
        open(item.id);
        return true;
      case 'x': {
        if (item === undefined) return false;
        const next = new Set(selected);
        if (!next.delete(item.id)) next.add(item.id);
        onSelect(next);
        return true;
      }
      case 'Escape':
        if (selected.size === 0) return false;
        onSelect(new Set());
        return true;
      default:
        return item !== undefined && isInside(scroller.current) && onKey?.(event.key, item.id) === true;
    }
  }, []);

  // Before any row has the focus, the keys come from the page.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || isInside(newest.current.scroller.current)) return;
      if (event.target !== document.body && !(event.target instanceof HTMLElement && event.target.id === 'main'))
        return;
      if (handle(event)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [handle]);

  return (event) => {
    if (handle(event.nativeEvent)) event.preventDefault();
  };
}

function isInside(scroller: HTMLElement | null): boolean {
  return scroller?.contains(document.activeElement) ?? false;
}

function isOwnCheckbox(event: globalThis.KeyboardEvent, scroller: HTMLElement | null): boolean {
  const target = event.target;
  return target instanceof HTMLInputElement && target.type === 'checkbox' && (scroller?.contains(target) ?? false);
}

/** The row may have to be drawn first: the list follows the scroll position in the next frame. */
function focusRow(scroller: HTMLElement | null, index: number): void {
  const find = () => scroller?.querySelector<HTMLElement>(`[data-index="${index}"]`) ?? null;
  const row = find();
  if (row !== null) row.focus({ preventScroll: true });
  else requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus({ preventScroll: true })));
}

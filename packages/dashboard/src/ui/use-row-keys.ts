import { type RefObject, useEffect } from 'react';
import { isTyping } from '../app/shortcuts.tsx';

/**
 * j/k and the arrows go from row to row of a table: each moves the focus to the next or previous link marked `data-row`.
 * Enter opens it, as links do.
 */
export function useRowKeys(table: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = STEPS[event.key];
      if (step === undefined || table.current === null) return;
      const inside = table.current.contains(document.activeElement);
      // The arrows scroll the page as long as nobody is in the table.
      if (!inside && event.key.startsWith('Arrow')) return;
      const rows = [...table.current.querySelectorAll<HTMLElement>('[data-row]')];
      const row = document.activeElement?.closest('tr')?.querySelector<HTMLElement>('[data-row]') ?? null;
      const from = inside && row !== null ? rows.indexOf(row) : step > 0 ? -1 : rows.length;
      const next = rows[Math.max(0, Math.min(rows.length - 1, from + step))];
      if (next === undefined) return;
      next.focus();
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [table]);
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

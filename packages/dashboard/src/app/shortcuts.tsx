import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { VIEWS } from './navigation.ts';
import { useShellDialogs } from './shell-dialogs.tsx';

/** How long after `g` the second key may come. */
const SEQUENCE_MS = 1200;

/** Keys that work in every view; those of a view stand with it. None fires while somebody types. */
export function Shortcuts() {
  const { show } = useShellDialogs();
  useHotkeys([
    ['shift+?', () => show('keyboard-help')],
    ['n', () => show('new-session')],
  ]);
  useGoTo();
  return null;
}

/** `g` and then the letter of a view. */
function useGoTo(): void {
  const navigate = useNavigate();
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    const stopWaiting = () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
      waiting.current = null;
    };
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (waiting.current === null) {
        if (event.key === 'g') waiting.current = setTimeout(stopWaiting, SEQUENCE_MS);
        return;
      }
      stopWaiting();
      const view = VIEWS.find(({ key }) => key === event.key);
      if (view === undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void navigate({ to: view.to });
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => {
      window.removeEventListener('keydown', onKey, { capture: true });
      stopWaiting();
    };
  }, [navigate]);
}

/** Whether a key goes into a field or a dialog. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null)
  );
}

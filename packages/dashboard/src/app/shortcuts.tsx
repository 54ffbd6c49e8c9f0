import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { VIEWS } from './navigation.ts';
import { useShellDialogs } from './shell-dialogs.tsx';

/** How long after `g` the second key may come. */
const SEQUENCE_MS = 1200;

/** Keys that work in every view; those of a view stand with it. None fires while somebody types. */
export function Shortcuts() {
  const { show } = useShellDialogs();
  const navigate = useNavigate();
  const goingTo = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    const stopWaiting = () => {
      if (goingTo.current !== null) clearTimeout(goingTo.current);
      goingTo.current = null;
    };
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && !isInDialog(event)) {
        event.preventDefault();
        show('palette');
        return;
      }
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const waited = goingTo.current !== null;
      stopWaiting();
      const view = waited ? VIEWS.find(({ key }) => key === event.key) : undefined;
      if (view !== undefined) void navigate({ to: view.to });
      else if (event.key === 'g') goingTo.current = setTimeout(stopWaiting, SEQUENCE_MS);
      else if (event.key === '?') show('keyboard-help');
      else if (event.key === 'n') show('new-session');
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    // Before the keys of the view: after `g` a letter is the name of another view.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => {
      window.removeEventListener('keydown', onKey, { capture: true });
      stopWaiting();
    };
  }, [navigate, show]);
  return null;
}

/** Whether a key goes into a field or a dialog. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null)
  );
}

function isInDialog(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.closest('[role="dialog"]') !== null;
}

import { lazy, Suspense } from 'react';
import { useShellDialogs } from './shell-dialogs.tsx';

const CommandPalette = lazy(() => import('./command-palette.tsx'));
const KeyboardHelp = lazy(() => import('./keyboard-help.tsx'));
const NewSessionDialog = lazy(() => import('../new-session/new-session-dialog.tsx'));

/** The dialogs of the shell. Each is loaded when it is first called up, so that no first visit waits for it. */
export function CalledUp() {
  const { shown, hide } = useShellDialogs();
  return (
    <Suspense fallback={null}>
      {shown === 'palette' && <CommandPalette onClose={() => hide('palette')} />}
      {shown === 'keyboard-help' && <KeyboardHelp onClose={() => hide('keyboard-help')} />}
      {shown === 'new-session' && <NewSessionDialog onClose={() => hide('new-session')} />}
    </Suspense>
  );
}

import { lazy, Suspense } from 'react';
import { useShellDialogs } from './shell-dialogs.tsx';

const NewSessionDialog = lazy(() => import('../new-session/new-session-dialog.tsx'));

/** The dialog is loaded when it is first called up. */
export function NewSession() {
  const { shown, show } = useShellDialogs();
  if (shown !== 'new-session') return null;
  return (
    <Suspense fallback={null}>
      <NewSessionDialog onClose={() => show(null)} />
    </Suspense>
  );
}

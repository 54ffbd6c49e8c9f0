import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

/** Dialogs that can be called up from anywhere. */
export type ShellDialog = 'new-session' | 'keyboard-help' | 'palette';

interface Dialogs {
  shown: ShellDialog | null;
  show: (dialog: ShellDialog) => void;
  /** Hides this dialog; one that was called up from it stays. */
  hide: (dialog: ShellDialog) => void;
}

const DialogContext = createContext<Dialogs>({
  shown: null,
  show: () => undefined,
  hide: () => undefined,
});

export function ShellDialogs({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<ShellDialog | null>(null);
  const dialogs = useMemo<Dialogs>(
    () => ({
      shown,
      show: setShown,
      hide: (dialog) => setShown((current) => (current === dialog ? null : current)),
    }),
    [shown],
  );
  return <DialogContext value={dialogs}>{children}</DialogContext>;
}

export function useShellDialogs(): Dialogs {
  return useContext(DialogContext);
}

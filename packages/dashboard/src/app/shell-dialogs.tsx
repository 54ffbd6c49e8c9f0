import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

/** Dialogs that can be called up from anywhere. */
export type ShellDialog = 'new-session' | 'keyboard-help';

interface Dialogs {
  shown: ShellDialog | null;
  show: (dialog: ShellDialog | null) => void;
}

const DialogContext = createContext<Dialogs>({ shown: null, show: () => undefined });

export function ShellDialogs({ children }: { children: ReactNode }) {
  const [shown, show] = useState<ShellDialog | null>(null);
  const dialogs = useMemo(() => ({ shown, show }), [shown]);
  return <DialogContext value={dialogs}>{children}</DialogContext>;
}

export function useShellDialogs(): Dialogs {
  return useContext(DialogContext);
}

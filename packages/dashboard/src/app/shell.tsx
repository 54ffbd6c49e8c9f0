import { Outlet, useSearch } from '@tanstack/react-router';
import { ApiProvider } from '../api/api-context.tsx';
import { PendingTitle } from '../approvals/pending-title.tsx';
import { LiveProvider } from '../live/live-provider.tsx';
import { CalledUp } from './called-up.tsx';
import { Rail } from './rail.tsx';
import classes from './shell.module.css';
import { ShellDialogs } from './shell-dialogs.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { SignInGate } from './sign-in-gate.tsx';

/** What surrounds every view: the rail, the live connection, and what can be called up from anywhere. */
export function Shell() {
  const { project } = useSearch({ from: '__root__' });
  return (
    <ApiProvider project={project ?? null} key={project ?? ''}>
      <ShellDialogs>
        <SignInGate>
          <LiveProvider>
            <a className={classes.skip} href="#main">
              Skip to the content
            </a>
            <div className={classes.shell}>
              <Rail />
              <main id="main" className={classes.main} tabIndex={-1}>
                <Outlet />
              </main>
            </div>
            <Shortcuts />
            <PendingTitle />
            <CalledUp />
          </LiveProvider>
        </SignInGate>
      </ShellDialogs>
    </ApiProvider>
  );
}

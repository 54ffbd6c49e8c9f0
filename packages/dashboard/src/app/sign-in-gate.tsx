import { Button, PasswordInput } from '@mantine/core';
import { ApiError } from '@signalbox/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { signIn, useCredentials } from '../api/credentials.ts';
import { keys } from '../api/keys.ts';
import { Logo } from './logo.tsx';
import classes from './sign-in-gate.module.css';

/** Lets everything through unless the server answers 401; then it asks for a key. */
export function SignInGate({ children }: { children: ReactNode }) {
  const { client, project } = useApi();
  const token = useCredentials();
  const { error } = useQuery({
    queryKey: keys.monitor(project),
    queryFn: ({ signal }) => client.sessions.monitor({ signal }),
  });
  if (!ApiError.is(error) || error.status !== 401) return children;
  return <SignIn refused={token !== null} />;
}

function SignIn({ refused }: { refused: boolean }) {
  const [key, setKey] = useState('');
  const queries = useQueryClient();
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        signIn(key);
        void queries.resetQueries();
      }}
    >
      <Logo />
      <h1 className={classes.title}>Sign in to Signalbox</h1>
      <p className={classes.text}>
        This server asks for an API key. An administrator makes one with <code>signalbox keys create</code>.
      </p>
      <PasswordInput
        label="API key"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        error={refused ? 'The server does not take this key.' : undefined}
        data-autofocus
        autoFocus
        required
      />
      <Button type="submit" fullWidth>
        Sign in
      </Button>
      <p className={classes.text}>The key is kept in this tab and gone when it is closed.</p>
    </form>
  );
}

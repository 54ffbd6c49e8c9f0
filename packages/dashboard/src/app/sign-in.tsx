import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { signIn } from '../api/credentials.ts';
import { Logo } from './logo.tsx';
import classes from './sign-in.module.css';

/** Asks for an API key. `refused`: there was one, and the server does not take it. */
export default function SignIn({ refused }: { refused: boolean }) {
  const [key, setKey] = useState('');
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        signIn(key);
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

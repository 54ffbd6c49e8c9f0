import { Button, PasswordInput } from '@mantine/core';
import { ApiError } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { signIn } from '../api/credentials.ts';
import { shownProblem } from '../api/problem.ts';
import { Logo } from './logo.tsx';
import classes from './sign-in.module.css';

/** Asks for an API key, in place of which the browser gets a cookie. */
export default function SignIn() {
  const [key, setKey] = useState('');
  const signing = useMutation({ mutationFn: signIn });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        signing.mutate(key);
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
        error={signing.error === null ? undefined : refusal(signing.error)}
        data-autofocus
        autoFocus
        required
      />
      <Button type="submit" fullWidth loading={signing.isPending}>
        Sign in
      </Button>
      <p className={classes.text}>
        The key is not kept. You stay signed in on this browser for 7 days, or until nobody has looked for 12 hours.
      </p>
    </form>
  );
}

function refusal(error: Error): string {
  return ApiError.is(error) && error.status === 401 ? 'The server does not take this key.' : shownProblem(error).detail;
}

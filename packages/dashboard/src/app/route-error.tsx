import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ProblemNote } from '../ui/problem-note.tsx';

/** What a view shows in its place when it fails to load or to draw. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <div style={{ padding: 24, maxWidth: 720 }}>
      <ProblemNote error={error} />
      <Button mt="md" variant="default" onClick={reset}>
        Try again
      </Button>
    </div>
  );
}

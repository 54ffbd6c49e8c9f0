import { Button } from '@mantine/core';
import { ProblemNote } from '../ui/problem-note.tsx';

/** Why rows are missing, and the way to try again. */
export function ListProblem({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  return (
    <div>
      <ProblemNote error={error} />
      <Button mt="xs" size="xs" variant="default" onClick={onAgain}>
        Try again
      </Button>
    </div>
  );
}

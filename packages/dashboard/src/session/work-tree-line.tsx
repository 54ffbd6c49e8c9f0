import type { Session } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Copyable } from '../ui/copyable.tsx';
import { NOTHING } from '../ui/format.ts';

/** The branch on which a session works apart, what became of it, and where it lies. */
export function WorkTreeLine({ session }: { session: Session }) {
  const { client, project } = useApi();
  const { data } = useQuery({
    queryKey: [...keys.sessionPart(project, session.id, 'worktree'), session.status],
    queryFn: ({ signal }) => client.worktrees.list({ sessionId: session.id, pageSize: 1 }, { signal }),
  });
  if (data === undefined) return NOTHING;
  const [tree] = data.items;
  if (tree === undefined) return 'in a work tree, made when it first starts';
  return (
    <>
      {tree.branch}, {tree.status}: <Copyable text={tree.path} label="path of the work tree" />
    </>
  );
}

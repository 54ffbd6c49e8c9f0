import { useMutation, useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { signOut } from '../api/credentials.ts';
import { keys } from '../api/keys.ts';
import { notifyProblem } from '../ui/notify.tsx';
import classes from './system-page.module.css';

/** As whom the browser is signed in, and the way out; nothing where it is not. */
export function SignedIn() {
  const { client } = useApi();
  const identity = useQuery({
    queryKey: keys.identity(),
    queryFn: ({ signal }) => client.browserSessions.identity({ signal }),
  });
  const leaving = useMutation({
    mutationFn: signOut,
    onError: (error) => notifyProblem(error, 'You are still signed in'),
  });
  if (!identity.data?.browserSessionId) return null;
  const { actor, role } = identity.data;
  return (
    <div className={classes.fact}>
      <dt>Signed in</dt>
      <dd>
        as {actor} ({role}){' '}
        <button type="button" className={classes.link} disabled={leaving.isPending} onClick={() => leaving.mutate()}>
          Sign out
        </button>
      </dd>
    </div>
  );
}

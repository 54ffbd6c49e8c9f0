import { ApiError } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';

const SignIn = lazy(() => import('./sign-in.tsx'));

/** Lets everything through unless the server answers 401; then it asks for a key. */
export function SignInGate({ children }: { children: ReactNode }) {
  const { client, project } = useApi();
  const { error } = useQuery({
    queryKey: keys.monitor(project),
    queryFn: ({ signal }) => client.sessions.monitor({ signal }),
  });
  if (!ApiError.is(error) || error.status !== 401) return children;
  return (
    <Suspense fallback={null}>
      <SignIn />
    </Suspense>
  );
}

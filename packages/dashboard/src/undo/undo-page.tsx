import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { useSession } from '../session/use-session.ts';
import { Crumbs } from '../ui/crumbs.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { choicesOf, searchOfChoices } from './undo-choices.ts';
import classes from './undo-preview.module.css';
import { UndoPreview } from './undo-preview.tsx';

const route = getRouteApi('/sessions/$sessionId/undo');

/** What undoing a session would do. */
export function UndoPage() {
  const { sessionId } = route.useParams();
  // Another session is another page: nothing of the one before is carried over.
  return <UndoOfSession key={sessionId} id={sessionId} />;
}

function UndoOfSession({ id }: { id: string }) {
  const { client } = useApi();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/sessions/$sessionId/undo' });
  const session = useSession(id);
  const choices = choicesOf(search);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Crumbs>
          <Link to="/sessions">Sessions</Link>
          <Link to="/sessions/$sessionId" params={{ sessionId: id }}>
            {session.data?.title ?? 'Session'}
          </Link>
        </Crumbs>
        <h1 className={classes.title}>
          Undo what it did
          {session.data !== undefined && <StatusBadge status={session.data.status} />}
        </h1>
        {choices.paths.length > 0 && (
          <p className={classes.narrow}>
            Only {choices.paths.join(', ')}.{' '}
            <Link
              to="/sessions/$sessionId/undo"
              params={{ sessionId: id }}
              search={searchOfChoices({ ...choices, paths: [] })}
            >
              Everything it did
            </Link>
          </p>
        )}
      </header>
      <UndoPreview
        base={{ sessionIds: [id] }}
        choices={choices}
        onChoices={(next) =>
          void navigate({ search: (before) => ({ ...before, ...searchOfChoices(next) }), replace: true })
        }
        file={search.file}
        onFile={(file) => void navigate({ search: (before) => ({ ...before, file }), replace: true })}
        verb="Undo"
        divisible
        start={({ selection, options }, how) => client.undos.create({ selection, options, ...how })}
      />
    </div>
  );
}

import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { choicesOf, searchOfChoices } from './undo-choices.ts';
import classes from './undo-preview.module.css';
import { UndoPreview } from './undo-preview.tsx';

const route = getRouteApi('/undos/$undoId/redo');

/** What taking back an undo would do. It goes back as one: what is to stay undone is undone again afterwards. */
export function RedoPage() {
  const { undoId } = route.useParams();
  return <RedoOf key={undoId} id={undoId} />;
}

function RedoOf({ id }: { id: string }) {
  const { client } = useApi();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/undos/$undoId/redo' });
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Crumbs>
          <Link to="/undos">Undos</Link>
          <Link to="/undos/$undoId" params={{ undoId: id }}>
            The undo
          </Link>
        </Crumbs>
        <h1 className={classes.title}>Take the undo back</h1>
      </header>
      <UndoPreview
        base={{ undoId: id }}
        choices={{ ...choicesOf({ dependents: search.dependents }) }}
        onChoices={(next) =>
          void navigate({
            search: (before) => ({ ...before, dependents: searchOfChoices(next).dependents }),
            replace: true,
          })
        }
        file={search.file}
        onFile={(file) => void navigate({ search: (before) => ({ ...before, file }), replace: true })}
        verb="Redo"
        divisible={false}
        start={({ options }, how) => client.undos.redo(id, { options, ...how })}
      />
    </div>
  );
}

import { IconHandStop } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import paths from '../paths/paths.module.css';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Until } from '../ui/until.tsx';
import { ApprovalVerbButtons } from './approval-verb-buttons.tsx';
import classes from './approvals.module.css';
import { useHeldCalls } from './use-approvals.ts';
import { type Chosen, VerbDialog } from './verb-dialog.tsx';

/** What a session waits for people for, with the answers to it. Told to those who listen as it comes. */
export function HeldCalls({ sessionId }: { sessionId: string }) {
  const { items, total = 0, error } = useHeldCalls(sessionId);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return (
    <section aria-label="Held for an answer" aria-live="polite">
      {error !== null && <ProblemNote error={error} />}
      {items.length > 0 && (
        <div className={paths.banner} data-tone="caution">
          <h2 className={paths.heading}>
            <IconHandStop size={15} aria-hidden />
            {total === 1 ? 'It waits for an answer' : `It waits for ${total} answers`}
          </h2>
          <ul className={paths.warnings}>
            {items.map((approval) => (
              <li key={approval.id} className={classes.held}>
                <Link to="/approvals/$approvalId" params={{ approvalId: approval.id }} className={paths.path}>
                  {approval.summary}
                </Link>
                {approval.policy !== null && <span>held by “{approval.policy.name}”</span>}
                <span>
                  refused <Until at={approval.expiresAt} past="now" /> if nobody answers
                </span>
                <span className={classes.verbs}>
                  <ApprovalVerbButtons approval={approval} onChoose={(verb) => setChosen({ verb, approval })} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {chosen !== null && <VerbDialog chosen={chosen} onClose={() => setChosen(null)} />}
    </section>
  );
}

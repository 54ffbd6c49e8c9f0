import type { Session } from '@signalbox/client';
import {
  IconBan,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconRefresh,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useHeldCalls } from '../approvals/use-approvals.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { availableActions, type SessionAction } from './available-actions.ts';

interface Look {
  label: string;
  done: string;
  icon: typeof IconBan;
  grave?: boolean;
  /** What it does, as the question before it says. */
  about: string;
}

const LOOKS: Readonly<Record<SessionAction, Look>> = {
  start: {
    label: 'Start',
    done: 'Started',
    icon: IconPlayerPlay,
    about: 'It is queued and begins as soon as a runner is free.',
  },
  pause: {
    label: 'Pause',
    done: 'Paused',
    icon: IconPlayerPause,
    about: 'Its work stands still and its time limit does not run on. A pause ends by itself after 24 hours.',
  },
  resume: { label: 'Resume', done: 'Resumed', icon: IconPlayerTrackNext, about: 'It goes on where it was paused.' },
  stop: {
    label: 'Stop',
    done: 'Stopped',
    icon: IconPlayerStop,
    grave: true,
    about:
      'Its processes are ended. What it has done so far stays, and the record says that an operator stopped it. A stopped session cannot be retried.',
  },
  cancel: {
    label: 'Cancel',
    done: 'Cancelled',
    icon: IconBan,
    grave: true,
    about:
      'Its processes are ended and its work is given up. What it wrote to files stays. A cancelled session cannot be retried.',
  },
  retry: {
    label: 'Retry',
    done: 'Set going again',
    icon: IconRefresh,
    about: 'A new attempt begins from its last checkpoint. The attempt before is kept in the record.',
  },
};

/** The verbs of a session, each after a question. They name the version looked at: a change meanwhile refuses them. */
export function SessionActions({ session }: { session: Session }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const held = (useHeldCalls(session.id).total ?? 0) > 0;
  const act = useMutation({
    mutationFn: (action: SessionAction): Promise<Session> => {
      const seen = { version: session.version };
      return action === 'retry'
        ? client.sessions.retry(session.id, {}, seen)
        : client.sessions[action](session.id, seen);
    },
    onSuccess: (changed, action) => {
      queries.setQueryData(keys.sessionPart(project, session.id, 'itself'), changed);
      notifyDone(`${LOOKS[action].done}: ${session.title}`);
    },
    onError: (error, action) => notifyProblem(error, `${LOOKS[action].label} was refused`),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.session(project, session.id) }),
  });
  return availableActions(session, held).map((action) => {
    const { label, icon: Icon, about, grave = false } = LOOKS[action];
    return (
      <ActionButton
        key={action}
        label={label}
        icon={Icon}
        loading={act.isPending && act.variables === action}
        disabled={act.isPending}
        ask={{
          title: `${label} this session?`,
          body: about,
          confirm: `${label} session`,
          grave,
          onConfirm: () => act.mutate(action),
        }}
      />
    );
  });
}

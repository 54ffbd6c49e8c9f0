import type { Agent } from '@signalbox/client';
import { IconArrowsExchange, IconDoorExit, IconPlayerTrackNext, IconTool, IconUserMinus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { type AgentAction, availableDuties } from './available-duties.ts';
import { HandOffDialog } from './hand-off-dialog.tsx';

interface Look {
  label: string;
  done: string;
  icon: typeof IconTool;
  grave?: boolean;
  /** What it does, as the question before it says. */
  about: (agent: Agent) => string;
}

const LOOKS: Readonly<Record<AgentAction, Look>> = {
  drain: {
    label: 'Drain',
    done: 'Draining',
    icon: IconDoorExit,
    about: () => 'It finishes what it has and takes nothing new, until somebody resumes it.',
  },
  maintain: {
    label: 'Maintenance',
    done: 'In maintenance',
    icon: IconTool,
    about: () =>
      'It takes nothing new, counts for no capacity, and is not called dead for its silence, until somebody resumes it.',
  },
  resume: {
    label: 'Resume',
    done: 'On duty again',
    icon: IconPlayerTrackNext,
    about: () => 'It takes new work again.',
  },
  handOff: { label: 'Hand over a session', done: 'Handed over', icon: IconArrowsExchange, about: () => '' },
  unregister: {
    label: 'Unregister',
    done: 'Unregistered',
    icon: IconUserMinus,
    grave: true,
    about: ({ held }) =>
      `${held === 0 ? 'It holds no tasks.' : `The ${held === 1 ? 'task' : `${held} tasks`} it holds go back to their queues, and what it still writes to them is refused.`} Its locks are released, and what it has done is forgotten but for the project’s sums. It may register again.`,
  },
};

/** What people decide about an agent, each after a question. They name the version looked at: a change meanwhile refuses them. */
export function AgentActions({ agent }: { agent: Agent }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [handing, setHanding] = useState(false);
  const act = useMutation({
    mutationFn: (action: Exclude<AgentAction, 'handOff'>): Promise<unknown> =>
      client.agents[action](agent.id, { version: agent.version }),
    onSuccess: async (_, action) => {
      notifyDone(`${LOOKS[action].done}: ${agent.id}`);
      if (action === 'unregister') await navigate({ to: '/agents' });
    },
    onError: (error, action) => notifyProblem(error, `${LOOKS[action].label} was refused`),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.agents(project) }),
  });
  return (
    <>
      {availableDuties(agent).map((action) => {
        const { label, icon: Icon, about, grave = false } = LOOKS[action];
        return (
          <ActionButton
            key={action}
            label={label}
            icon={Icon}
            loading={act.isPending && act.variables === action}
            disabled={act.isPending}
            ask={
              action === 'handOff'
                ? () => setHanding(true)
                : {
                    title: action === 'maintain' ? 'Put this agent into maintenance?' : `${label} this agent?`,
                    body: about(agent),
                    confirm: action === 'maintain' ? 'Put into maintenance' : `${label} agent`,
                    grave,
                    onConfirm: () => act.mutate(action),
                  }
            }
          />
        );
      })}
      {handing && <HandOffDialog agent={agent} onClose={() => setHanding(false)} />}
    </>
  );
}

import type { Queue } from '@signalbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { confirm } from '../ui/confirm.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import type { QueueVerb } from './queue-state.ts';

interface Words {
  label: string;
  done: string;
  /** The question before it; null where nothing is refused or stopped by it. */
  about: string | null;
}

export const VERB_WORDS: Readonly<Record<QueueVerb, Words>> = {
  pause: {
    label: 'Pause',
    done: 'paused',
    about: 'Nothing more is claimed from it until it is resumed. Work that is under way goes on.',
  },
  resume: { label: 'Resume', done: 'resumed', about: null },
  drain: {
    label: 'Drain',
    done: 'draining',
    about:
      'New tasks are refused (QUEUE_DRAINING) until it is opened again: whoever enqueues gets an error. Those that are there are worked off.',
  },
  open: { label: 'Open', done: 'open again', about: null },
};

/** A verb, and the version that was shown when it was chosen. */
interface Chosen {
  verb: QueueVerb;
  version: number;
}

/** Steers a queue. Each verb names the version looked at: a change meanwhile refuses it. */
export function useQueueVerb(queue: Pick<Queue, 'name' | 'version'>) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: ({ verb, version }: Chosen) => client.queues[verb](queue.name, { version }),
    onSuccess: (changed, { verb }) => {
      queries.setQueryData(keys.queue(project, queue.name), changed);
      notifyDone(`${queue.name} is ${VERB_WORDS[verb].done}.`);
    },
    onError: (error, { verb }) => notifyProblem(error, `${VERB_WORDS[verb].label} was refused`),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.queues(project) }),
  });
  const run = (verb: QueueVerb) => {
    const { label, about } = VERB_WORDS[verb];
    const chosen = { verb, version: queue.version };
    if (about === null) return act.mutate(chosen);
    confirm({
      title: `${label} the queue ${queue.name}?`,
      body: about,
      confirm: `${label} queue`,
      grave: verb === 'drain',
      onConfirm: () => act.mutate(chosen),
    });
  };
  return { run, pending: act.isPending };
}

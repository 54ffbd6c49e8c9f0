import { ActionIcon, Menu } from '@mantine/core';
import type { Queue } from '@signalbox/client';
import {
  IconAdjustments,
  IconDoorEnter,
  IconDoorExit,
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { useState } from 'react';
import { LimitsDialog } from './limits-dialog.tsx';
import { type QueueVerb, queueVerbs } from './queue-state.ts';
import { useQueueVerb, VERB_WORDS } from './use-queue-verb.ts';

export const VERB_ICONS: Readonly<Record<QueueVerb, typeof IconDots>> = {
  pause: IconPlayerPause,
  resume: IconPlayerPlay,
  drain: IconDoorExit,
  open: IconDoorEnter,
};

/** What can be done with a queue, in a menu of its row. */
export function QueueMenu({ queue }: { queue: Queue }) {
  const { run, pending } = useQueueVerb(queue);
  const [limiting, setLimiting] = useState(false);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            loading={pending}
            aria-label={`Actions for ${queue.name}`}
          >
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {queueVerbs(queue).map((verb) => {
            const Icon = VERB_ICONS[verb];
            return (
              <Menu.Item key={verb} leftSection={<Icon size={14} aria-hidden />} onClick={() => run(verb)}>
                {VERB_WORDS[verb].label}
              </Menu.Item>
            );
          })}
          <Menu.Item leftSection={<IconAdjustments size={14} aria-hidden />} onClick={() => setLimiting(true)}>
            Limits…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {limiting && <LimitsDialog queue={queue} onClose={() => setLimiting(false)} />}
    </>
  );
}

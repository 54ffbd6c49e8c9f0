import type { Agent } from '@signalbox/client';
import {
  IconDoorExit,
  IconFlame,
  IconHeartOff,
  IconHeartQuestion,
  IconPlayerPlay,
  IconTool,
  IconZzz,
} from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

export type AgentStatus = Agent['status'];

interface AgentLook extends Look {
  /** What it means for work, in a sentence. */
  about: string;
}

/** How each status of an agent looks. Icon and word say it; the colour only helps. */
export const AGENT_LOOKS: Readonly<Record<AgentStatus, AgentLook>> = {
  active: { label: 'Active', tone: 'live', icon: IconPlayerPlay, about: 'Heard of, and takes new work.' },
  idle: {
    label: 'Idle',
    tone: 'idle',
    icon: IconZzz,
    about: 'Heard of, says that it has nothing to do, takes new work.',
  },
  busy: { label: 'Busy', tone: 'caution', icon: IconFlame, about: 'Heard of; full, or says so. It gets no new work.' },
  draining: {
    label: 'Draining',
    tone: 'caution',
    icon: IconDoorExit,
    about: 'Finishes what it has and takes nothing new.',
  },
  maintenance: {
    label: 'Maintenance',
    tone: 'off',
    icon: IconTool,
    about: 'Taken out by people: no new work, and its silence means nothing.',
  },
  suspected: {
    label: 'Suspected',
    tone: 'late',
    icon: IconHeartQuestion,
    about: 'Silent for two intervals: it keeps its tasks and gets no new ones.',
  },
  dead: {
    label: 'Dead',
    tone: 'danger',
    icon: IconHeartOff,
    about:
      'Silent for too long: its tasks went back to their queues and its locks were released. A heartbeat revives it.',
  },
};

export const AGENT_STATUSES = Object.keys(AGENT_LOOKS) as AgentStatus[];

export function isAgentStatus(value: string): value is AgentStatus {
  return value in AGENT_LOOKS;
}

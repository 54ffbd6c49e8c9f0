import {
  IconAlertOctagon,
  IconArrowsExchange,
  IconChartBar,
  IconCircleCheck,
  IconFileDiff,
  IconFlag,
  IconKey,
  IconMessage,
  IconPencil,
  IconPlayerPlay,
  type IconProps,
  IconRoute,
  IconTerminal2,
  IconTool,
  IconUrgent,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Tone } from '../ui/status.ts';
import type { EventType } from './journal-window.ts';

interface KindLook {
  label: string;
  icon: ComponentType<IconProps>;
  tone: Tone;
}

/** How each type of journal event looks. */
export const EVENT_KINDS: Readonly<Record<EventType, KindLook>> = {
  start: { label: 'Start', icon: IconPlayerPlay, tone: 'live' },
  message: { label: 'Messages', icon: IconMessage, tone: 'live' },
  tool_call: { label: 'Tool calls', icon: IconTool, tone: 'idle' },
  tool_result: { label: 'Tool results', icon: IconTool, tone: 'idle' },
  file_change: { label: 'File changes', icon: IconFileDiff, tone: 'done' },
  output: { label: 'Output', icon: IconTerminal2, tone: 'off' },
  status: { label: 'Status', icon: IconRoute, tone: 'idle' },
  permission: { label: 'Permissions', icon: IconKey, tone: 'caution' },
  usage: { label: 'Use', icon: IconChartBar, tone: 'off' },
  error: { label: 'Errors', icon: IconAlertOctagon, tone: 'danger' },
  checkpoint: { label: 'Checkpoints', icon: IconFlag, tone: 'done' },
  modified: { label: 'Modified', icon: IconPencil, tone: 'idle' },
  broke: { label: 'Broke', icon: IconUrgent, tone: 'danger' },
  test_pass: { label: 'Tests passed', icon: IconCircleCheck, tone: 'done' },
  handoff: { label: 'Handoff', icon: IconArrowsExchange, tone: 'idle' },
};

/** What the timeline can be narrowed to; a call and its result go together. */
export const EVENT_FILTERS: readonly { value: string; label: string; types: readonly EventType[] }[] = [
  { value: 'messages', label: 'Messages', types: ['message'] },
  { value: 'tools', label: 'Tools', types: ['tool_call', 'tool_result', 'permission'] },
  { value: 'files', label: 'Files', types: ['file_change', 'modified'] },
  { value: 'output', label: 'Output', types: ['output'] },
  { value: 'life', label: 'Status', types: ['start', 'status', 'checkpoint', 'handoff', 'test_pass', 'broke'] },
  { value: 'errors', label: 'Errors', types: ['error', 'broke'] },
  { value: 'usage', label: 'Use', types: ['usage'] },
];

/** The types that the names in an address stand for; all when there is none. */
export function typesOf(text: string | undefined): EventType[] {
  const names = text?.split(',') ?? [];
  const types = EVENT_FILTERS.filter(({ value }) => names.includes(value)).flatMap((filter) => filter.types);
  return [...new Set(types)];
}

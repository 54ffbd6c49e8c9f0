import type { SessionStatus } from '@signalbox/client';
import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconCircleHalf2,
  IconClockX,
  IconHourglass,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugX,
  type IconProps,
  IconTrashX,
  IconX,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

/** Families of statuses that look alike; colours for each stand in `tokens.css`. */
export type Tone = 'live' | 'done' | 'caution' | 'danger' | 'late' | 'idle' | 'off';

/** How a status is shown. */
export interface Look {
  label: string;
  tone: Tone;
  icon: ComponentType<IconProps>;
}

/** How each status looks. Icon and word say it; the colour only helps. */
export const STATUS_LOOKS: Readonly<Record<SessionStatus, Look>> = {
  pending: { label: 'Pending', tone: 'idle', icon: IconCircleDashed },
  queued: { label: 'Queued', tone: 'idle', icon: IconHourglass },
  running: { label: 'Running', tone: 'live', icon: IconPlayerPlay },
  paused: { label: 'Paused', tone: 'caution', icon: IconPlayerPause },
  degraded: { label: 'Degraded', tone: 'caution', icon: IconAlertTriangle },
  completed: { label: 'Completed', tone: 'done', icon: IconCheck },
  partially_completed: { label: 'Partly completed', tone: 'caution', icon: IconCircleHalf2 },
  failed: { label: 'Failed', tone: 'danger', icon: IconX },
  timeout: { label: 'Timed out', tone: 'late', icon: IconClockX },
  stopped: { label: 'Stopped', tone: 'off', icon: IconPlayerStop },
  cancelled: { label: 'Cancelled', tone: 'off', icon: IconBan },
  orphaned: { label: 'Orphaned', tone: 'late', icon: IconPlugX },
  expired: { label: 'Expired', tone: 'off', icon: IconTrashX },
};

export const ALL_STATUSES = Object.keys(STATUS_LOOKS) as SessionStatus[];

/** Ends that somebody should look at, and that a retry leads out of. */
export const TROUBLED_STATUSES: readonly SessionStatus[] = ['failed', 'timeout', 'orphaned', 'partially_completed'];

export function isStatus(value: string): value is SessionStatus {
  return value in STATUS_LOOKS;
}

import {
  IconActivity,
  IconArrowBackUp,
  IconCalendarRepeat,
  IconFileStar,
  IconFolders,
  IconInbox,
  IconListDetails,
  IconLock,
  IconMailOff,
  IconRestore,
  IconRobot,
  IconServer,
  IconShieldCheck,
  IconStack2,
} from '@tabler/icons-react';

/** The views, in the order of the rail; `key` follows `g` on the keyboard. */
export const VIEWS = [
  { to: '/', label: 'Overview', key: 'o', icon: IconActivity },
  { to: '/sessions', label: 'Sessions', key: 's', icon: IconListDetails },
  { to: '/tasks', label: 'Tasks', key: 't', icon: IconStack2 },
  { to: '/queues', label: 'Queues', key: 'q', icon: IconInbox },
  { to: '/dead-letters', label: 'Dead letters', key: 'd', icon: IconMailOff },
  { to: '/schedules', label: 'Schedules', key: 'c', icon: IconCalendarRepeat },
  { to: '/agents', label: 'Agents', key: 'e', icon: IconRobot },
  { to: '/locks', label: 'Locks', key: 'l', icon: IconLock },
  { to: '/paths', label: 'Paths', key: 'p', icon: IconFileStar },
  { to: '/undos', label: 'Undos', key: 'u', icon: IconArrowBackUp },
  { to: '/rollback', label: 'Rollback', key: 'r', icon: IconRestore },
  { to: '/workspaces', label: 'Workspaces', key: 'w', icon: IconFolders },
  { to: '/audit', label: 'Audit', key: 'a', icon: IconShieldCheck },
  { to: '/system', label: 'System', key: 'y', icon: IconServer },
] as const;

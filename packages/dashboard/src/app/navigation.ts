import {
  IconActivity,
  IconFileStar,
  IconFolders,
  IconListDetails,
  IconLock,
  IconRobot,
  IconServer,
  IconShieldCheck,
} from '@tabler/icons-react';

/** The views, in the order of the rail; `key` follows `g` on the keyboard. */
export const VIEWS = [
  { to: '/', label: 'Overview', key: 'o', icon: IconActivity },
  { to: '/sessions', label: 'Sessions', key: 's', icon: IconListDetails },
  { to: '/agents', label: 'Agents', key: 'e', icon: IconRobot },
  { to: '/locks', label: 'Locks', key: 'l', icon: IconLock },
  { to: '/paths', label: 'Paths', key: 'p', icon: IconFileStar },
  { to: '/workspaces', label: 'Workspaces', key: 'w', icon: IconFolders },
  { to: '/audit', label: 'Audit', key: 'a', icon: IconShieldCheck },
  { to: '/system', label: 'System', key: 'y', icon: IconServer },
] as const;

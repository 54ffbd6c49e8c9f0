import type { ChangeReach } from '@signalbox/client';
import { IconAlertTriangle, IconChevronDown, IconChevronsUp, IconEqual, IconHelp } from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

export const CRITICALITY_LOOKS: Readonly<Record<ChangeReach['level'], Look>> = {
  low: { label: 'Low', tone: 'idle', icon: IconChevronDown },
  medium: { label: 'Medium', tone: 'idle', icon: IconEqual },
  high: { label: 'High', tone: 'caution', icon: IconChevronsUp },
  critical: { label: 'Critical', tone: 'danger', icon: IconAlertTriangle },
  unknown: { label: 'Unknown', tone: 'idle', icon: IconHelp },
};

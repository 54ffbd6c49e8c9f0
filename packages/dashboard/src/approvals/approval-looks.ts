import type { ApprovalStatus } from '@signalbox/client';
import { IconArrowBackUp, IconCheck, IconClockX, IconHandStop, IconX } from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

/** How an approval stands, as it is shown. Icon and word say it; the colour only helps. */
export const APPROVAL_LOOKS: Readonly<Record<ApprovalStatus, Look>> = {
  pending: { label: 'Waiting', tone: 'caution', icon: IconHandStop },
  approved: { label: 'Approved', tone: 'done', icon: IconCheck },
  rejected: { label: 'Rejected', tone: 'danger', icon: IconX },
  expired: { label: 'Expired', tone: 'late', icon: IconClockX },
  withdrawn: { label: 'Withdrawn', tone: 'off', icon: IconArrowBackUp },
};

/** How an approval ends. */
export const DECIDED_STATUSES: readonly ApprovalStatus[] = ['approved', 'rejected', 'expired', 'withdrawn'];

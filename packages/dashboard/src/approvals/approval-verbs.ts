import type { Approval } from '@signalbox/client';
import { IconArrowBackUp, IconCheck, IconEdit, IconX } from '@tabler/icons-react';
import { isEditable } from './edited-arguments.ts';

/** What one does with an approval that waits. */
export type ApprovalVerb = 'approve' | 'reject' | 'edit' | 'withdraw';

/** What the server takes of a reason, in characters. */
export const LONGEST_REASON = 10_000;

/** What each is called, and the key that does it. */
export const VERBS: Readonly<Record<ApprovalVerb, { label: string; key: string; icon: typeof IconX }>> = {
  approve: { label: 'Approve', key: 'a', icon: IconCheck },
  reject: { label: 'Reject', key: 'r', icon: IconX },
  edit: { label: 'Edit and approve', key: 'e', icon: IconEdit },
  withdraw: { label: 'Withdraw', key: 'w', icon: IconArrowBackUp },
};

/** What can be done with an approval as it stands; the server decides. */
export function availableVerbs(approval: Approval): ApprovalVerb[] {
  if (approval.status !== 'pending') return [];
  return isEditable(approval) ? ['approve', 'reject', 'edit', 'withdraw'] : ['approve', 'reject', 'withdraw'];
}

/** The verb that a key stands for; null where it stands for none that can be done. */
export function verbOfKey(key: string, approval: Approval): ApprovalVerb | null {
  return availableVerbs(approval).find((verb) => VERBS[verb].key === key) ?? null;
}

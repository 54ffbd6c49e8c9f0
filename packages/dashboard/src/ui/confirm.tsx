import { modals } from '@mantine/modals';
import type { ReactNode } from 'react';

export interface Question {
  title: string;
  body: ReactNode;
  /** The verb on the button that does it. */
  confirm: string;
  /** Whether something is lost by it. */
  grave?: boolean;
  onConfirm: () => void;
}

/** Asks before doing. The safe answer has the focus where something would be lost. */
export function confirm({ title, body, confirm: label, grave = false, onConfirm }: Question): void {
  modals.openConfirmModal({
    title,
    children: <div style={{ fontSize: 13, lineHeight: 1.5 }}>{body}</div>,
    labels: { confirm: label, cancel: 'Go back' },
    confirmProps: { color: grave ? 'red.8' : 'signal', ...(grave ? {} : { 'data-autofocus': true }) },
    cancelProps: grave ? { 'data-autofocus': true } : {},
    onConfirm,
    centered: true,
  });
}

import { Button } from '@mantine/core';
import type { IconBan } from '@tabler/icons-react';
import { confirm, type Question } from './confirm.tsx';

interface Props {
  label: string;
  icon: typeof IconBan;
  /** It is being done. */
  loading: boolean;
  disabled?: boolean;
  /** What is asked before, or what to do instead of asking. */
  ask: Question | (() => void);
}

/** A verb that is done only after a question. */
export function ActionButton({ label, icon: Icon, loading, disabled = loading, ask }: Props) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Icon size={14} aria-hidden />}
      loading={loading}
      disabled={disabled}
      onClick={() => (typeof ask === 'function' ? ask() : confirm(ask))}
    >
      {label}
    </Button>
  );
}

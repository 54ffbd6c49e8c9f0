import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';

/** Takes back whatever the list is narrowed by. */
export function ClearFilters({ onClear }: { onClear: () => void }) {
  return (
    <Button size="xs" variant="subtle" leftSection={<IconX size={13} aria-hidden />} onClick={onClear}>
      Clear
    </Button>
  );
}

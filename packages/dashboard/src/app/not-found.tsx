import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Blank } from '../ui/blank.tsx';

export function NotFound() {
  return (
    <Blank icon={<IconMapQuestion />} title="There is nothing at this address">
      <Link to="/">Go to the overview</Link>
    </Blank>
  );
}

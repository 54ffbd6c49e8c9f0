import { IconCheck, IconX } from '@tabler/icons-react';
import type { Tone } from '../ui/status.ts';
import classes from './system-page.module.css';

/** Well or not, as colour, sign and word. */
export function Lamp({ good, label }: { good: boolean; label: string }) {
  const tone: Tone = good ? 'done' : 'danger';
  return (
    <span className={classes.lamp} data-tone={tone}>
      {good ? <IconCheck size={13} aria-hidden /> : <IconX size={13} aria-hidden />}
      {label}
    </span>
  );
}

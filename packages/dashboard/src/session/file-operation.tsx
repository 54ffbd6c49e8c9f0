import type { Tone } from '../ui/status.ts';
import classes from './file-operation.module.css';
import type { Payload } from './payloads.ts';

const LOOKS: Readonly<Record<Payload<'file_change'>['operation'], { label: string; tone: Tone }>> = {
  added: { label: 'added', tone: 'done' },
  modified: { label: 'modified', tone: 'live' },
  deleted: { label: 'deleted', tone: 'danger' },
  renamed: { label: 'renamed', tone: 'caution' },
  mode: { label: 'mode', tone: 'idle' },
};

export function FileOperation({ operation }: { operation: Payload<'file_change'>['operation'] }) {
  const { label, tone } = LOOKS[operation];
  return (
    <span className={classes.operation} data-tone={tone}>
      {label}
    </span>
  );
}

import type { JournalEvent } from '@signalbox/client';
import { type Payload, payloadOf } from './payloads.ts';

export interface FileChange {
  seq: number;
  at: string;
  actor: string;
  change: Payload<'file_change'>;
}

/** A file with all its changes, oldest first. */
export interface ChangedFile {
  path: string;
  /** What happened to it in the end: a file that was added and then edited is an added one. */
  operation: Payload<'file_change'>['operation'];
  additions: number;
  deletions: number;
  binary: boolean;
  changes: FileChange[];
}

/** The files that a session changed, by path. A renamed file takes its earlier changes along. */
export function changedFiles(events: readonly JournalEvent[]): ChangedFile[] {
  const files = new Map<string, ChangedFile>();
  for (const event of events) {
    const change = payloadOf(event, 'file_change');
    if (change === null) continue;
    const known = files.get(change.path) ?? files.get(change.oldPath ?? '');
    if (known !== undefined && known.path !== change.path) files.delete(known.path);
    const file: ChangedFile = known ?? { ...change, additions: 0, deletions: 0, changes: [] };
    file.operation = known === undefined ? change.operation : combined(known.operation, change.operation);
    file.path = change.path;
    file.additions += change.additions;
    file.deletions += change.deletions;
    file.binary ||= change.binary;
    file.changes.push({ seq: event.seq, at: event.occurredAt, actor: event.actor, change });
    files.set(file.path, file);
  }
  return [...files.values()].sort((a, b) => a.path.localeCompare(b.path));
}

function combined(before: ChangedFile['operation'], now: ChangedFile['operation']): ChangedFile['operation'] {
  if (now === 'deleted' || now === 'renamed') return now;
  if (before === 'deleted' && now === 'added') return 'modified';
  return before === 'added' || before === 'renamed' ? before : now;
}

import type { JournalEvent } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import { changedFiles } from './changed-files.ts';

let seq = 0;
function change(payload: Record<string, unknown>): JournalEvent {
  seq++;
  const counts = { diff: null, binary: false, additions: 1, deletions: 0 };
  return {
    seq,
    type: 'file_change',
    actor: 'a',
    occurredAt: '',
    payload: { ...counts, ...payload },
  } as unknown as JournalEvent;
}

describe('files a session changed', () => {
  it('adds up the changes of a file and keeps an added one added', () => {
    const files = changedFiles([
      change({ path: 'b.ts', operation: 'added', additions: 10 }),
      change({ path: 'a.ts', operation: 'modified' }),
      change({ path: 'b.ts', operation: 'modified', additions: 2, deletions: 3 }),
    ]);
    expect(files.map(({ path, operation, additions, deletions }) => [path, operation, additions, deletions])).toEqual([
      ['a.ts', 'modified', 1, 0],
      ['b.ts', 'added', 12, 3],
    ]);
    expect(files[1]?.changes).toHaveLength(2);
  });

  it('follows a file that is renamed', () => {
    const files = changedFiles([
      change({ path: 'old.ts', operation: 'modified' }),
      change({ path: 'new.ts', oldPath: 'old.ts', operation: 'renamed' }),
    ]);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ path: 'new.ts', operation: 'renamed', additions: 2 });
  });

  it('says of a file deleted and written again that it was modified', () => {
    const files = changedFiles([
      change({ path: 'a.ts', operation: 'deleted' }),
      change({ path: 'a.ts', operation: 'added' }),
    ]);
    expect(files[0]?.operation).toBe('modified');
  });
});

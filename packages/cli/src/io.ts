import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type OutputStream = Writable & { isTTY?: boolean; columns?: number };
export type InputStream = Readable & { isTTY?: boolean };

/** What a command may touch of the process it runs in. `process` itself fits. */
export interface Io extends Pick<EventEmitter, 'on' | 'off'> {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}

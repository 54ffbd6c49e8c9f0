import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const run = promisify(execFile);

export type PipeDirection = 'to-program' | 'from-program';

/** One end for us, a stream; the other, a descriptor, to be handed to a process and then closed here. */
export interface ProgramPipe {
  stream: Socket;
  descriptor: number;
}

/**
 * Makes pipes of the kind a shell makes. Node's own are sockets, and a program cannot open those by name: a script's
 * `echo … > /dev/stderr` would fail. So these begin as named pipes in a private directory that is removed at once.
 */
export async function openProgramPipes(directions: readonly PipeDirection[]): Promise<ProgramPipe[]> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-pipes-'));
  try {
    const paths = directions.map((direction, index) => join(directory, `${index}-${direction}`));
    await run('mkfifo', ['-m', '600', ...paths]);
    const pipes: ProgramPipe[] = [];
    try {
      for (const [index, path] of paths.entries()) {
        pipes.push(directions[index] === 'to-program' ? openWriter(path) : openReader(path));
      }
    } catch (error) {
      for (const pipe of pipes) closePipe(pipe);
      throw error;
    }
    return pipes;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Closes both ends of a pipe that was not handed on. */
function closePipe(pipe: ProgramPipe): void {
  pipe.stream.destroy();
  closeSync(pipe.descriptor);
}

function openReader(path: string): ProgramPipe {
  // Only our end is non-blocking: the program's is an open file of its own and behaves as any program expects.
  const ours = openSync(path, O_RDONLY | O_NONBLOCK);
  const descriptor = openSync(path, O_WRONLY);
  return { stream: new Socket({ fd: ours, readable: true, writable: false }), descriptor };
}

function openWriter(path: string): ProgramPipe {
  // Opening one end waits for the other, but for one that is opened both ways.
  const both = openSync(path, O_RDWR | O_NONBLOCK);
  const descriptor = openSync(path, O_RDONLY);
  const ours = openSync(path, O_WRONLY | O_NONBLOCK);
  closeSync(both);
  return { stream: new Socket({ fd: ours, readable: false, writable: true }), descriptor };
}

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Io } from '../io.ts';
import { Interruption } from './interruption.ts';

function interruption(isTTY: boolean, cancel: () => Promise<void> = async () => undefined) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = new PassThrough();
  let asked = '';
  stderr.on('data', (chunk: Buffer) => {
    asked += chunk.toString('utf8');
  });
  const io = Object.assign(new EventEmitter(), { stdin, stderr });
  const done: string[] = [];
  const made = new Interruption(io as unknown as Io, {
    remark: (text) => done.push(text),
    cancel: async () => {
      done.push('cancel');
      await cancel();
    },
    detach: () => done.push('detach'),
  });
  const answer = async (text: string) => {
    stdin.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { io, made, done, answer, asked: () => asked };
}

const did = (done: string[]) => done.filter((entry) => entry === 'cancel' || entry === 'detach');

describe('Ctrl-C while a session is watched', () => {
  it('asks on a terminal, and cancels on yes', async () => {
    const { io, done, answer, asked } = interruption(true);
    io.emit('SIGINT');
    expect(asked()).toMatch(/Cancel the session\?/);
    expect(did(done)).toEqual([]);
    await answer('y\n');
    expect(did(done)).toEqual(['cancel']);
  });

  it('goes on after no, and asks anew the next time', async () => {
    const { io, done, answer, asked } = interruption(true);
    io.emit('SIGINT');
    await answer('n\n');
    io.emit('SIGINT');
    expect(asked().match(/Cancel the session\?/g)).toHaveLength(2);
    expect(did(done)).toEqual([]);
  });

  it('leaves the session to itself on d', async () => {
    const { io, done, answer } = interruption(true);
    io.emit('SIGINT');
    await answer('d\n');
    expect(did(done)).toEqual(['detach']);
  });

  it('cancels when pressed a second time, and once only', () => {
    const { io, done } = interruption(true);
    for (let times = 0; times < 4; times++) io.emit('SIGINT');
    expect(did(done)).toEqual(['cancel']);
  });

  it('cancels at once where nobody can be asked', () => {
    const { io, done, asked } = interruption(false);
    io.emit('SIGINT');
    expect(asked()).toBe('');
    expect(did(done)).toEqual(['cancel']);
  });

  it('SIGTERM cancels at once everywhere', () => {
    const { io, done } = interruption(true);
    io.emit('SIGTERM');
    expect(did(done)).toEqual(['cancel']);
  });

  it('a refused cancel is told, and may be tried again', async () => {
    const { io, done } = interruption(false, () => Promise.reject(new Error('it has ended')));
    io.emit('SIGINT');
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toContain('it has ended');
    io.emit('SIGINT');
    expect(did(done)).toEqual(['cancel', 'cancel']);
  });

  it('means nothing any more when it is disposed of', () => {
    const { io, made, done } = interruption(false);
    made.dispose();
    io.emit('SIGINT');
    io.emit('SIGTERM');
    expect(did(done)).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const running = new Set();
let interrupted = false;

/**
 * Signals end what runs at the moment. npm passes INT and TERM on to us alone, a terminal's Ctrl-C reaches the whole
 * group, and so both us and our child, once more through npm: the child must bear hearing it several times.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!interrupted) for (const child of running) child.kill('SIGTERM');
    interrupted = true;
  });
}

/** True as soon as somebody asked us to end. */
export function wasInterrupted() {
  return interrupted;
}

/**
 * Runs a program with our own input and output until it ends.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code; 128 + the signal's number where one ended it.
 */
export function runChild(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    running.add(child);
    if (interrupted) child.kill('SIGTERM');
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      running.delete(child);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

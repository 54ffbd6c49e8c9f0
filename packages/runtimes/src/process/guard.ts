/**
 * The guard: a small process that stands between Signalbox and one run. It starts the program and holds a channel to
 * Signalbox; when that breaks, because Signalbox ended or was killed, it ends everything of the run and then itself.
 *
 * It imports nothing but Node and its neighbours, so that it starts quickly and stays small. It lives in a session of its
 * own and is deaf to signals meant for Signalbox's group. Its environment lacks the run's id, so that it never counts as
 * part of the run. Time it reads from the monotonic clock itself: what it waits for are other processes.
 */
import { closeSync } from 'node:fs';
import type { GuardCommand, GuardMessage } from './guard-protocol.ts';
import { GuardedRun } from './guarded-run.ts';

/** Patience with a run whose Signalbox is gone. */
const ABANDONED_GRACE_MS = 500;
const EXIT_DEFECT = 70;

let run: GuardedRun | null = null;
let defective = false;

// Also what `ps` and `pkill` see: an agent that runs `pkill node` means its own processes.
process.title = 'signalbox-guard';
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const) {
  process.on(signal, () => undefined);
}
// Nobody may be reading our complaints any more; that must not become a complaint.
process.stderr.on('error', () => undefined);
process.on('disconnect', () => abandon());
process.on('message', (message: GuardCommand) => obey(message).catch(fail));
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

async function obey(command: GuardCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      return start(command);
    case 'stop':
      return run?.end('stop', command.graceMs);
    case 'pause':
      await run?.pause();
      return report({ kind: 'answer', id: command.id, usage: null });
    case 'resume':
      await run?.resume();
      return report({ kind: 'answer', id: command.id, usage: null });
    case 'usage':
      run?.look();
      return report({ kind: 'answer', id: command.id, usage: run?.usage() ?? null });
    case 'count':
      return report({ kind: 'counted', id: command.id, processes: (await run?.count(command.mark)) ?? 0 });
  }
}

async function start(command: Extract<GuardCommand, { kind: 'start' }>): Promise<void> {
  run = new GuardedRun(command);
  try {
    const pid = await run.start();
    report({ kind: 'started', pid, limitedBy: run.limitedBy });
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
    return leave({ kind: 'refused', code, message });
  } finally {
    // The program has its own copies; ours would keep its output open behind it.
    for (const descriptor of command.stdin ? [4, 5, 6] : [5, 6]) closeSync(descriptor);
  }
  leave(await run.ended);
}

function abandon(): void {
  if (!run) process.exit(0);
  run.end('stop', ABANDONED_GRACE_MS);
}

/** A defect of the guard must not cost the promise it is there for. The host is told by our early end, and by these words. */
function fail(error: unknown): void {
  defective = true;
  process.exitCode = EXIT_DEFECT;
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  if (!run) process.exit();
  run.end('stop', 0);
}

function report(message: GuardMessage): void {
  if (process.connected) process.send?.(message);
}

/** Reports for the last time and ends this process. */
function leave(message: GuardMessage): void {
  if (defective || !process.connected) process.exit();
  process.send?.(message, undefined, undefined, () => process.exit());
}

/**
 * A program that starts one run, to be killed while it runs. Prints `started`; on SIGUSR2 pauses the run and
 * prints `paused`.
 * Usage: node --conditions=source doomed-host.ts <workspace> <program> [argument…]
 */
import { systemClock, systemIds } from '@signalbox/core';
import { createCommandRuntime } from '../command/index.ts';
import { RecordingHost, runSpec } from './run-witness.ts';

const [workspacePath = '', ...command] = process.argv.slice(2);
const runtime = createCommandRuntime({ clock: systemClock, ids: systemIds });
const run = await runtime.start(runSpec({ command, workspacePath }), new RecordingHost());
process.on('SIGUSR2', async () => {
  await run.pause();
  process.stdout.write('paused\n');
});
process.stdout.write('started\n');
await run.done;

import { reapLostRuns } from '@signalbox/core';
import { tell } from '../../processes/tell.ts';
import { codeOf, isPassing, openCore, type PartSettings, readSettings } from './part.ts';

// A process that takes lost claims away four times a second, as the scheduler of a server does.

const EVERY_MS = 250;
/** Claims of a round after which another follows at once. */
const FULL = 50;

const core = openCore(readSettings<PartSettings>());
core.start();
setInterval(() => undefined, 60_000);
tell({ ready: true });
for (;;) {
  try {
    while ((await reapLostRuns(core)).length >= FULL);
  } catch (error) {
    if (!isPassing(error)) tell({ failed: codeOf(error) });
  }
  await core.clock.sleep(EVERY_MS);
}

import { tell } from '../../processes/tell.ts';
import { machineTime } from './part.ts';

// A process that does nothing but tick, and tells of the times in which it could not: the machine stood still then.

const TICK_MS = 20;
/** A tick that comes later than this tells of a machine that stood still, and not of a busy one. */
const LATE_MS = 150;

tell({ ready: true });
let last = machineTime();
setInterval(() => {
  const now = machineTime();
  if (now - last > LATE_MS) tell({ stood: { from: last + TICK_MS, to: now } });
  last = now;
}, TICK_MS);

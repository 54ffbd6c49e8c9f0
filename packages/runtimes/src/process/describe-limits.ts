import { findCgroupParent, ownCgroup } from './run-cgroup.ts';

/** How limits of memory and CPU are applied to runs on this machine, and why so. */
export interface LimitMechanism {
  mechanism: 'cgroup-v2' | 'sampled';
  /** One sentence for people. */
  reason: string;
  /** What happens over the limit, in words. */
  memory: string;
  cpu: string;
  /** Control group under which runs get theirs; null for `sampled`. */
  cgroupParent: string | null;
}

/** Looks at the machine and says which mechanism applies; `doctor` shows it. */
export function describeLimits(): LimitMechanism {
  if (process.platform !== 'linux') return sampled('this system has no control groups');
  const own = ownCgroup();
  if (!own) return sampled('no version 2 control group hierarchy is mounted here');
  const found = findCgroupParent(own.directory, own.mount);
  if ('reason' in found) return sampled(found.reason);
  return {
    mechanism: 'cgroup-v2',
    reason: `Runs get control groups of their own under ${found.parent}.`,
    memory: 'The kernel ends the run when it needs more than its limit.',
    cpu: 'The kernel gives the run no more than its share.',
    cgroupParent: found.parent,
  };
}

function sampled(why: string): LimitMechanism {
  return {
    mechanism: 'sampled',
    reason: `Runs are measured several times a second, since ${why}.`,
    memory: 'The run is ended when it is seen to hold more than its limit; a very quick growth can overshoot it.',
    cpu: 'The run is halted and let go on in turns, so that its average over a few seconds keeps to the limit.',
    cgroupParent: null,
  };
}

import { type Configuration, type Core, type Runtime, SessionRunner } from '@signalbox/core';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { maintenanceJobs } from './maintenance-jobs.ts';
import { PeriodicJob, type PeriodicJobSettings } from './periodic-job.ts';
import { PeriodicRole, type Recurring } from './periodic-role.ts';
import type { Role } from './role.ts';
import { RunnerRole } from './runner-role.ts';
import { schedulerJobs } from './scheduler-jobs.ts';

export interface RolesParts {
  core: Core;
  audit: AuditTrail;
  configuration: Configuration;
  nodeId: string;
  runtimes: readonly Runtime[];
  /** Where this server answers, for runs. */
  address: () => string;
}

/** What this node does beside answering requests, as its configuration says. */
export interface Roles {
  readonly all: readonly Role[];
  /** Sessions that run here just now. */
  running(): number;
  start(): void;
  /** Runs end first, while everything else still works. */
  stop(runs?: 'stop' | 'wait'): Promise<void>;
}

export function createRoles({ core, audit, configuration, nodeId, runtimes, address }: RolesParts): Roles {
  const { roles, runner: settings, leaseSeconds, heartbeatSeconds } = configuration;
  const periodic = (name: Role['name'], jobs: PeriodicJobSettings[], others: Recurring[] = []) =>
    new PeriodicRole(name, [...jobs.map((job) => new PeriodicJob(job, core)), ...others]);
  const runner = new SessionRunner(
    { ...core, runtimes },
    {
      agent: `runner@${nodeId}`,
      capacity: settings.capacity,
      leaseSeconds,
      heartbeatSeconds,
      holdSeconds: configuration.approvals.holdSeconds,
      permissions: configuration.runtimes.opencode.permissions,
      environment: () => ({ SIGNALBOX_URL: address() }),
    },
  );
  const runs = roles.includes('runner') ? new RunnerRole(runner, core.indexing, settings.onStop) : null;
  const rest = [
    ...(roles.includes('scheduler') ? [periodic('scheduler', schedulerJobs(core), [core.webhookDispatcher])] : []),
    ...(roles.includes('maintenance')
      ? [periodic('maintenance', maintenanceJobs(core, audit, configuration), [core.rollbackMonitor])]
      : []),
  ];
  return {
    all: runs ? [runs, ...rest] : rest,
    running: () => runner.sessions.length,
    start: () => {
      runs?.start();
      for (const role of rest) role.start();
    },
    stop: async (policy) => {
      await runs?.stop(policy);
      await Promise.all(rest.map((role) => role.stop()));
    },
  };
}

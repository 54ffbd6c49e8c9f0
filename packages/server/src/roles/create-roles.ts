import { type Configuration, type Core, type PolicyFiles, type Runtime, SessionRunner } from '@signalbox/core';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { maintenanceJobs } from './maintenance-jobs.ts';
import { PeriodicJob, type PeriodicJobSettings } from './periodic-job.ts';
import { PeriodicRole, type Recurring } from './periodic-role.ts';
import type { Role } from './role.ts';
import { RunnerRole } from './runner-role.ts';
import { schedulerJobs } from './scheduler-jobs.ts';

/** Between two looks at the files of policies. */
const FILES_MS = 2_000;

export interface RolesParts {
  core: Core;
  audit: AuditTrail;
  policyFiles: Pick<PolicyFiles, 'look'>;
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

export function createRoles(parts: RolesParts): Roles {
  const { core, audit, policyFiles, configuration, nodeId, runtimes, address } = parts;
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
  // Who keeps none need not look.
  const fileJobs: PeriodicJobSettings[] =
    configuration.policies.files.length === 0
      ? []
      : [
          {
            name: 'look at policy files',
            everyMs: FILES_MS,
            run: async () => policyFiles.look((await core.projects.ensureDefault()).id),
          },
        ];
  const runs = roles.includes('runner') ? new RunnerRole(runner, core.indexing, settings.onStop) : null;
  const rest = [
    ...(roles.includes('scheduler')
      ? [periodic('scheduler', [...schedulerJobs(core), ...fileJobs], [core.webhookDispatcher])]
      : []),
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

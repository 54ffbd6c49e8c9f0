import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Registry } from './action.ts';
import { registerAgents } from './commands/agents.ts';
import { registerApprovals } from './commands/approvals.ts';
import { registerAudit } from './commands/audit.ts';
import { registerBudgets } from './commands/budgets.ts';
import { registerChanges } from './commands/changes.ts';
import { registerCheckpoints } from './commands/checkpoints.ts';
import { registerCompletions } from './commands/completions.ts';
import { registerConnect } from './commands/connect.ts';
import { registerData } from './commands/data.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerGraph } from './commands/graph.ts';
import { registerHook } from './commands/hook.ts';
import { registerKeys } from './commands/keys.ts';
import { registerLocks } from './commands/locks.ts';
import { registerMcp } from './commands/mcp.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerPaths } from './commands/paths.ts';
import { registerPolicies } from './commands/policies.ts';
import { registerProjects } from './commands/projects.ts';
import { registerProposals } from './commands/proposals.ts';
import { registerQueues } from './commands/queues.ts';
import { registerReplay } from './commands/replay.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerRun } from './commands/run.ts';
import { registerSchedules } from './commands/schedules.ts';
import { registerSessions } from './commands/sessions.ts';
import { registerSource } from './commands/source.ts';
import { registerSpecs } from './commands/specs.ts';
import { registerTasks } from './commands/tasks.ts';
import { registerThreads } from './commands/threads.ts';
import { registerTopology } from './commands/topology.ts';
import { registerUndo } from './commands/undo.ts';
import { registerUp } from './commands/up.ts';
import { registerWebhooks } from './commands/webhooks.ts';
import { registerWorkspaces } from './commands/workspaces.ts';
import { registerWorkTrees } from './commands/worktrees.ts';

const EPILOGUE = `
Environment: SIGNALBOX_URL or SIGNALBOX_HOST and SIGNALBOX_PORT (where the server is), SIGNALBOX_TOKEN,
SIGNALBOX_PROJECT, SIGNALBOX_ACTOR, SIGNALBOX_DATA_DIR, DATABASE_URL, NO_COLOR.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 unavailable, 6 not allowed,
124 session ran out of time, 130 interrupted or cancelled.

Start with \`signalbox up\` in one terminal and \`signalbox run -- npm test\` in another.`;

/** The whole command tree. */
export function createProgram(registry: Registry): Command {
  const { io } = registry;
  const program = new Command('signalbox')
    .description('A control plane for fleets of coding agents.')
    .version(version())
    .option('--url <url>', 'where the server is')
    .option('--token <token>', 'API key')
    .option('--project <slug>', 'project to work in')
    .option('--actor <name>', 'who acts, where no key says it')
    .option('--json', 'answer in JSON, for programs')
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText('after', EPILOGUE)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .exitOverride();

  registerUp(program, registry);
  registerRun(program, registry);
  registerSessions(program, registry);
  registerUndo(program, registry);
  registerCheckpoints(program, registry);
  registerReplay(program, registry);
  registerQueues(program, registry);
  registerSchedules(program, registry);
  registerGraph(program, registry);
  registerSpecs(program, registry);
  registerProposals(program, registry);
  registerTopology(program, registry);
  registerPolicies(program, registry);
  registerBudgets(program, registry);
  registerTasks(program, registry);
  registerWorkspaces(program, registry);
  registerWorkTrees(program, registry);
  registerSource(program, registry);
  registerChanges(program, registry);
  registerAgents(program, registry);
  registerApprovals(program, registry);
  registerLocks(program, registry);
  registerPaths(program, registry);
  registerRollback(program, registry);
  registerThreads(program, registry);
  registerWebhooks(program, registry);
  registerConnect(program, registry);
  registerHook(program, registry);
  registerMcp(program, registry);
  registerProjects(program, registry);
  registerKeys(program, registry);
  registerAudit(program, registry);
  registerMigrate(program, registry);
  registerData(program, registry);
  registerDoctor(program, registry);
  registerCompletions(program, registry);
  return program;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

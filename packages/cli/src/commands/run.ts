import type { Command } from 'commander';
import { Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, duration, jsonObject, positiveInteger, positiveNumber, repeat } from '../arguments.ts';
import { exitCodeOfSession } from '../exit-codes.ts';
import { createTitled } from '../run/create-titled.ts';
import { ensureWorkspace } from '../run/ensure-workspace.ts';
import { type RunOptions, sessionFromCommandLine } from '../run/session-from-command-line.ts';
import { watchSession } from '../run/watch-session.ts';

const EXAMPLES = `
Examples:
  signalbox run -- npm test                       any command, in the current directory
  signalbox run --runtime opencode "fix the flaky test"
  signalbox run --detach --max-duration 2h --runtime opencode "raise the coverage"

Without --runtime, what stands behind -- is a command, and anything else a prompt for opencode.
The exit code tells how the session ended: 0 completed, 1 failed, 124 out of time, 130 cancelled.
Ctrl-C asks before it cancels; a second Ctrl-C cancels.`;

export function registerRun(program: Command, registry: Registry): void {
  program
    .command('run [words...]')
    .description('run an agent or a command as a session in the current directory, and watch it')
    .addOption(new Option('--runtime <name>', 'what runs it').choices(['command', 'opencode', 'claude-code']))
    .option('--title <title>', 'title; made from the prompt or command without')
    .option('--workspace <id-or-path>', 'where it runs; the current directory without')
    .option('--model <provider/model>', 'model, for runtimes that have one')
    .option('--agent-config <json>', 'settings passed on to the agent', jsonObject)
    .option('--max-duration <duration>', 'time limit: 90s, 45m, 2h', duration)
    .option('--cpu <cores>', 'limit of CPU cores', positiveNumber)
    .option('--memory <mb>', 'limit of memory in MB', positiveInteger)
    .option('--tag <tag>', 'label; may be repeated', collect)
    .option('--claim <path>', 'file, directory or glob that it claims before it runs; may be repeated', repeat)
    .addOption(
      new Option('--if-claimed <what>', 'what it does where another session has claimed a path').choices([
        'wait',
        'refuse',
        'warn',
      ]),
    )
    .addOption(
      new Option('--isolation <how>', 'in the workspace itself, or apart in a git work tree on a branch of its own')
        .choices(['shared', 'worktree'])
        .default('shared'),
    )
    .option('--parent <session>', 'session under which it stands')
    .option('--detach', 'start it and return; prints the id')
    .addHelpText('after', EXAMPLES)
    .action(
      action<[string[]], RunOptions>(registry, async ({ client, out, io }, [words], options) => {
        const wanted = sessionFromCommandLine(words, options, registry.separated);
        const workspaceId = await ensureWorkspace(client, io.cwd(), options.workspace);
        const session = await createTitled(
          client,
          { ...wanted, workspaceId, start: true },
          options.title === undefined,
        );
        if (options.detach) {
          out.document(session);
          out.line(session.id);
          return;
        }
        const ended = await watchSession(client, session, io, out);
        if (ended !== null) registry.exitWith(exitCodeOfSession(ended.status));
      }),
    );
}

import type { Command } from 'commander';
import { Argument } from 'commander';
import { action, type Registry } from '../action.ts';
import { HOOKED_AGENTS } from '../hook/hooked-agents.ts';
import { UsageError } from '../usage-error.ts';

/** For help and completions; the program itself starts hooks before it comes here, without all that commands need. */
export function registerHook(program: Command, registry: Registry): void {
  program
    .command('hook')
    .description('what connected agents run at each of their events, which comes on standard input')
    .addArgument(new Argument('<agent>', 'which one').choices(Object.keys(HOOKED_AGENTS)))
    .option('--wait <seconds>', 'how long a call waits for people')
    .action(
      action<[string], object>(registry, async () => {
        throw new UsageError('Write it first: signalbox hook claude-code.');
      }),
    );
}

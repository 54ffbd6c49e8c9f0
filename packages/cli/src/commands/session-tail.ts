import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { EventPrinter } from '../journal-lines/event-printer.ts';
import { resolveSession } from '../session-reference.ts';

interface TailOptions {
  after?: number;
  follow: boolean;
  forever?: boolean;
}

export function registerSessionTail(sessions: Command, registry: Registry): void {
  sessions
    .command('tail <session>')
    .description('print the journal of a session as it grows, until the session ends')
    .option('--after <seq>', 'begin behind this event', positiveInteger)
    .option('--no-follow', 'only what is there already')
    .option('--forever', 'also go on past the end, for the next attempt')
    .action(
      action<[string], TailOptions>(registry, async ({ client, out, io }, [reference], options) => {
        const id = await resolveSession(client, reference);
        const printer = new EventPrinter(io, out);
        const abort = new AbortController();
        const interrupt = () => {
          registry.exitWith(EXIT.interrupted);
          abort.abort();
        };
        io.on('SIGINT', interrupt);
        try {
          const events = client.journal.tail(id, {
            afterSeq: options.after ?? 0,
            follow: options.follow ? (options.forever ? 'forever' : 'end') : 'no',
            signal: abort.signal,
            onEvent: (event) => printer.stream(event),
          });
          for await (const event of events) printer.print(event);
        } catch (error) {
          if (!abort.signal.aborted) throw error;
        } finally {
          io.off('SIGINT', interrupt);
        }
      }),
    );
}

import type { Frame, JournalEvent } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { collect, duration, positiveInteger, positiveNumber } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { EventPrinter } from '../journal-lines/event-printer.ts';

interface PlayOptions {
  speed: number;
  waits: boolean;
  longestGap?: number;
  from?: number;
  to?: number;
  type?: string[];
  actor?: string[];
}

export function registerReplayPlay(replay: Command, registry: Registry): void {
  replay
    .command('play <recording>')
    .description('print the events of a recording as they happened, in their own time or faster')
    .option('--speed <times>', 'how many times as fast', positiveNumber, 1)
    .option('--no-waits', 'all at once')
    .option('--longest-gap <duration>', 'longest silence between two events', duration)
    .option('--from <seq>', 'begin with this event', positiveInteger)
    .option('--to <seq>', 'end with this event', positiveInteger)
    .option('--type <type>', 'only events of this type; may be repeated', collect)
    .option('--actor <name>', 'only events by this actor; may be repeated', collect)
    .action(
      action<[string], PlayOptions>(registry, async ({ client, out, io }, [id], options) => {
        const printer = new EventPrinter(io, out);
        const abort = new AbortController();
        const interrupt = () => {
          registry.exitWith(EXIT.interrupted);
          abort.abort();
        };
        io.on('SIGINT', interrupt);
        try {
          const frames = client.recordings.play(id, {
            speed: options.waits ? options.speed : Number.POSITIVE_INFINITY,
            longestGapMs: options.longestGap === undefined ? undefined : options.longestGap * 1000,
            fromSeq: options.from,
            toSeq: options.to,
            types: options.type as JournalEvent['type'][] | undefined,
            actors: options.actor,
            includeSnapshots: false,
            signal: abort.signal,
          });
          for await (const { event } of frames as AsyncIterable<Frame>) if (event) printer.print(event as JournalEvent);
        } catch (error) {
          if (!abort.signal.aborted) throw error;
        } finally {
          io.off('SIGINT', interrupt);
        }
      }),
    );
}

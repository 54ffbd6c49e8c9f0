import { readFileSync, writeFileSync } from 'node:fs';
import type { ImportRecording, Recording, SessionFiles } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration, jsonValue, positiveInteger } from '../arguments.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { registerReplayPlay } from './replay-play.ts';

const COLUMNS: Column<Recording>[] = [
  { header: 'ID', value: (recording) => recording.id },
  { header: 'STATUS', value: (recording) => recording.status },
  { header: 'EVENTS', value: (recording) => String(recording.eventFrames), align: 'right' },
  { header: 'CHECKED', value: (recording) => recording.validation },
  { header: 'STARTED', value: (recording) => formatTime(recording.startedAt) },
  { header: 'TITLE', value: (recording) => recording.title, flexible: true },
];

const FILE_COLUMNS: Column<SessionFiles['files'][number]>[] = [
  { header: 'MODE', value: (file) => file.mode },
  { header: 'SIZE', value: (file) => String(file.size), align: 'right' },
  { header: 'PATH', value: (file) => file.path, flexible: true },
];

interface RecordOptions {
  title?: string;
  past?: boolean;
  from?: number;
  to?: number;
  for?: number;
}

export function registerReplay(program: Command, registry: Registry): void {
  const replay = program
    .command('replay')
    .description('record sessions and look back: their state at any event, recordings, playback');

  replay
    .command('state <session>')
    .description('the state of a session at any event of its journal; without --seq the latest')
    .option('--seq <number>', 'right after this event', positiveInteger)
    .action(
      action<[string], { seq?: number }>(registry, async ({ client, out }, [reference], { seq }) => {
        const state = await client.recordings.stateOf(await resolveSession(client, reference), seq);
        out.document(state);
        out.fields([
          ['event', state.at === null ? '0' : `${state.seq} of ${formatTime(state.at)}`],
          ['status', state.status],
          ['code', state.codeState],
          ['agents', state.agentIds.join(', ') || 'none'],
          ['attempt', String(state.attempt)],
          ['calls', `${state.toolCalls.made} made, ${state.openCalls.length} without a result`],
          ['tokens', `${state.usage.inputTokens} in, ${state.usage.outputTokens} out`],
          ['checkpoint', state.currentCheckpoint === null ? 'none' : String(state.currentCheckpoint.sequence)],
          ['metadata', JSON.stringify(state.metadata)],
        ]);
      }),
    );

  replay
    .command('files <session>')
    .argument('[path]', 'print this file as it was')
    .description('the files of a session’s workspace at any event; without --seq at the latest')
    .option('--seq <number>', 'right after this event', positiveInteger)
    .action(
      action<[string, string | undefined], { seq?: number }>(
        registry,
        async ({ client, out }, [reference, path], { seq }) => {
          const id = await resolveSession(client, reference);
          if (path !== undefined) {
            const file = await client.recordings.fileOf(id, path, seq);
            out.document(file);
            if (file.text === null) out.note(`${path} is binary: ${file.size} bytes.`);
            else out.raw(file.text);
            return;
          }
          const then = await client.recordings.filesOf(id, seq);
          out.document(then);
          out.table(then.files, FILE_COLUMNS, 'There were no files.');
          const changed = then.changes.map(({ path: name, operation }) => `${operation} ${name}`);
          out.note(
            `As of capture ${then.capture.position}, ${formatTime(then.capture.takenAt)}; ${changed.join(', ') || 'nothing changed'}.`,
          );
        },
      ),
    );

  replay
    .command('record <session>')
    .description('record a session from now on, or with --past what has happened already')
    .option('--title <text>', 'what it is called')
    .option('--past', 'make it from the journal')
    .option('--from <seq>', 'with --past: its first event', positiveInteger)
    .option('--to <seq>', 'with --past: its last event', positiveInteger)
    .option('--for <duration>', 'ends by itself after this time, such as 30m; an hour by default', duration)
    .action(
      action<[string], RecordOptions>(registry, async ({ client, out }, [reference], options) => {
        const id = await resolveSession(client, reference);
        const { title, past, from: fromSeq, to: toSeq, for: maxDuration } = options;
        const recording = past
          ? await client.recordings.make(id, defined({ title, fromSeq, toSeq }))
          : await client.recordings.start(id, defined({ title, maxDuration }));
        show(out, recording);
      }),
    );

  replay
    .command('stop <recording>')
    .description('end a recording; it is read back and checked')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => show(out, await client.recordings.stop(id))),
    );

  replay
    .command('list')
    .description('list recordings, the newest first')
    .option('--session <session>', 'of this session')
    .option('--page <number>', 'which page', positiveInteger)
    .action(
      action<[], { session?: string; page?: number }>(registry, async ({ client, out }, _none, { session, page }) => {
        const sessionId = session === undefined ? undefined : await resolveSession(client, session);
        const found = await client.recordings.list(defined({ sessionId, page }));
        out.document(found);
        out.table(found.items, COLUMNS, 'There are no recordings.');
      }),
    );

  replay
    .command('show <recording>')
    .description('show one recording')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => show(out, await client.recordings.get(id))),
    );

  registerReplayPlay(replay, registry);

  replay
    .command('validate <recording>')
    .description('read a recording back and check all of it; fails where anything is wrong')
    .action(
      action<[string], object>(registry, async ({ client, out }, [id]) => {
        const recording = await client.recordings.validate(id);
        show(out, recording);
        if (recording.validation === 'failed') registry.exitWith(1);
      }),
    );

  replay
    .command('export <recording>')
    .description('write a recording into a file, or to stdout')
    .option('--file <path>', 'where to')
    .action(
      action<[string], { file?: string }>(registry, async ({ client, out, io }, [id], { file }) => {
        const text = `${JSON.stringify(await client.recordings.export(id))}\n`;
        if (file === undefined) {
          io.stdout.write(text);
          return;
        }
        writeFileSync(file, text, { flag: 'wx' });
        out.document({ file, bytes: Buffer.byteLength(text) });
        out.line(`Wrote recording ${id} to ${file}.`);
      }),
    );

  replay
    .command('import <file>')
    .description('take an exported recording; it is checked whole before anything is kept')
    .action(
      action<[string], object>(registry, async ({ client, out }, [file]) => {
        show(out, await client.recordings.import(jsonValue(readFileSync(file, 'utf8')) as ImportRecording));
      }),
    );

  replay
    .command('delete <recording>')
    .description('delete a recording')
    .option('--force', 'even while it is under way')
    .action(
      action<[string], { force?: boolean }>(registry, async ({ client, out }, [id], { force }) => {
        await client.recordings.delete(id, defined({ force }));
        out.document({ id, deleted: true });
        out.line(`Deleted recording ${id}.`);
      }),
    );
}

function show(out: Output, recording: Recording): void {
  out.document(recording);
  const saved = Math.round((1 - recording.compressionRatio) * 100);
  out.fields([
    ['id', recording.id],
    ['title', recording.title],
    ['session', recording.sessionId],
    ['status', recording.reason === null ? recording.status : `${recording.status} (${recording.reason})`],
    ['events', `${recording.eventFrames}, behind event ${recording.baseSeq}; ${recording.snapshotFrames} snapshots`],
    ['stored', `${recording.storedBytes} bytes, ${saved} % saved`],
    ['checked', recording.validation],
  ]);
  for (const { seq, kind, reason } of recording.findings) {
    out.line(seq === null ? `  ${reason}` : `  ${kind} ${seq}: ${reason}`);
  }
}

/** Without what was not given. */
function defined<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}

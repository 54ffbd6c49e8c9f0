import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import { type LocalOptions, localOptions, localSources } from '../local-sources.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';

interface Migration {
  name: string;
  /** ISO 8601; null while it is pending. */
  appliedAt: string | null;
}

const COLUMNS: Column<Migration>[] = [
  { header: 'MIGRATION', value: (migration) => migration.name },
  {
    header: 'STATE',
    value: (migration) => (migration.appliedAt === null ? 'pending' : 'applied'),
    colour: (migration) => (migration.appliedAt === null ? 'yellow' : 'green'),
  },
  { header: 'AT', value: (migration) => formatTime(migration.appliedAt) },
];

export function registerMigrate(program: Command, registry: Registry): void {
  const migrate = program
    .command('migrate')
    .description('bring the schema of the database up to date or back; opens the data directly');

  localOptions(migrate.command('up').description('apply what is pending')).action(
    action<[], LocalOptions>(registry, async ({ out, io }, _args, options) => {
      const local = await import('@signalbox/server/local');
      const applied = await local.migrateUp(localSources(io, options));
      out.document({ applied });
      out.line(applied.length === 0 ? 'Nothing is pending.' : `Applied ${applied.join(', ')}.`);
    }),
  );

  localOptions(migrate.command('down').description('take the newest migrations back, with the data in their tables'))
    .option('--count <number>', 'how many', positiveInteger, 1)
    .action(
      action<[], LocalOptions & { count: number }>(registry, async ({ out, io }, _args, options) => {
        const local = await import('@signalbox/server/local');
        const reverted = await local.migrateDown(localSources(io, options), options.count);
        out.document({ reverted });
        out.line(reverted.length === 0 ? 'Nothing was applied.' : `Took back ${reverted.join(', ')}.`);
      }),
    );

  localOptions(migrate.command('status').description('show which migrations are applied')).action(
    action<[], LocalOptions>(registry, async ({ out, io }, _args, options) => {
      const local = await import('@signalbox/server/local');
      const migrations = (await local.migrationStatus(localSources(io, options))).map(({ name, appliedAt }) => ({
        name,
        appliedAt: appliedAt?.toISOString() ?? null,
      }));
      out.document({ migrations });
      out.table(migrations, COLUMNS, 'This program has no migrations.');
    }),
  );
}

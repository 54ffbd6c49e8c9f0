import { resolve } from 'node:path';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import type { Context } from '../context.ts';
import { type LocalOptions, localOptions, localSources } from '../local-sources.ts';

interface Summary {
  header: unknown;
  tables: { table: string; rows: number }[];
}

const VERBS = {
  backup: {
    argument: '<directory>',
    about: 'write a backup into a new directory, also while a server runs: database, captures, audit key',
    done: 'Backed up',
  },
  restore: {
    argument: '<directory>',
    about: 'bring a backup back into a data directory that holds no data yet',
    done: 'Restored',
  },
  export: {
    argument: '<file>',
    about: 'write all data of the database into one file, for any other kind of database',
    done: 'Exported',
  },
  import: {
    argument: '<file>',
    about: 'fill an empty database from such a file',
    done: 'Imported',
  },
} as const;

export function registerData(program: Command, registry: Registry): void {
  for (const name of Object.keys(VERBS) as (keyof typeof VERBS)[]) {
    const { argument, about, done } = VERBS[name];
    localOptions(program.command(`${name} ${argument}`).description(`${about}; opens the data directly`)).action(
      action<[string], LocalOptions>(registry, async (context, [path], options) => {
        const local = await import('@signalbox/server/local');
        const work = {
          backup: local.backUp,
          restore: local.restore,
          export: local.exportArchive,
          import: local.importArchive,
        };
        const target = resolve(context.io.cwd(), path);
        const summary: Summary = await work[name](localSources(context.io, options), target, showProgress(context));
        const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0);
        context.out.document({ path: target, rows, tables: summary.tables });
        context.out.line(`${done} ${rows} rows of ${summary.tables.length} tables: ${target}`);
      }),
    );
  }
}

/** A line for each table with rows in it: large databases take a while. */
function showProgress({ out }: Context): (progress: { table: string; rows: number }) => void {
  return ({ table, rows }) => {
    if (rows > 0) out.note(out.style('dim', `  ${table}: ${rows}`));
  };
}

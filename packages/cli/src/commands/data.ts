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
    about:
      'write a backup into a new directory: database, captures, audit key; opens the data directly, or asks the server that has it to itself',
    done: 'Backed up',
  },
  restore: {
    argument: '<directory>',
    about: 'bring a backup back into a data directory that holds no data yet; opens the data directly',
    done: 'Restored',
  },
  export: {
    argument: '<file>',
    about:
      'write all data of the database into one file, for any other kind of database; opens the data directly, or asks the server that has it to itself',
    done: 'Exported',
  },
  import: {
    argument: '<file>',
    about: 'fill an empty database from such a file; opens the data directly',
    done: 'Imported',
  },
} as const;

export function registerData(program: Command, registry: Registry): void {
  for (const name of Object.keys(VERBS) as (keyof typeof VERBS)[]) {
    const { argument, about, done } = VERBS[name];
    localOptions(program.command(`${name} ${argument}`).description(about)).action(
      action<[string], LocalOptions>(registry, async (context, [path], options) => {
        const local = await import('@signalbox/server/local');
        const target = resolve(context.io.cwd(), path);
        const given = [localSources(context.io, options), target, showProgress(context)] as const;
        const connect = (address: string) => context.connect(address).server;
        const work: Record<typeof name, () => Promise<Summary>> = {
          backup: () => local.backUp(...given, connect),
          restore: () => local.restore(...given),
          export: () => local.exportArchive(...given, connect),
          import: () => local.importArchive(...given),
        };
        const summary = await work[name]();
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

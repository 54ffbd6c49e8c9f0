import {
  type ConfigurationSources,
  type DescribedSetting,
  describeConfiguration,
  gitText,
  inspectDataDirectory,
  type LoadedConfiguration,
  loadConfiguration,
  OLDEST_GIT,
  openTier,
  systemClock,
  systemIds,
} from '@signalbox/core';
import { createRuntimes, describeLimits } from '@signalbox/runtimes';
import { SERVER_VERSION } from '../version.ts';

/** One thing that was looked at. `advice` says what to do where it is not as it should be. */
export interface Finding {
  name: string;
  state: 'good' | 'warning' | 'bad';
  detail: string;
  advice: string | null;
}

export interface Diagnosis {
  version: string;
  findings: Finding[];
  /** Every setting with its origin, as it may be shown. */
  configuration: DescribedSetting[];
}

/** Oldest Node that the program runs on (package.json, `engines`). */
const OLDEST_NODE = '22.12';

/**
 * Looks at everything on this machine that the program depends on, changing nothing. What cannot be looked at is a
 * finding too; only a configuration that cannot be read is thrown.
 * @throws CONFIGURATION_INVALID, CONFIGURATION_UNKNOWN_KEY
 */
export async function diagnose(sources: ConfigurationSources): Promise<Diagnosis> {
  const configuration = loadConfiguration(sources);
  const findings = await Promise.all([
    node(),
    git(),
    attempt('data directory', () => dataDirectory(configuration)),
    attempt('database', () => database(configuration)),
    limits(),
    ...createRuntimes({ clock: systemClock, ids: systemIds }).map((runtime) =>
      attempt(`runtime ${runtime.name}`, async () => {
        const found = await runtime.check();
        return found.available
          ? good(`runtime ${runtime.name}`, [found.version, found.detail].filter(Boolean).join(', '))
          : warning(`runtime ${runtime.name}`, found.reason, found.advice);
      }),
    ),
  ]);
  return { version: SERVER_VERSION, findings, configuration: describeConfiguration(configuration) };
}

function node(): Finding {
  const found = process.versions.node;
  return isAtLeast(found, OLDEST_NODE)
    ? good('Node', found)
    : bad('Node', `${found} is too old`, `Use Node ${OLDEST_NODE} or newer.`);
}

async function git(): Promise<Finding> {
  const advice = `Install git ${OLDEST_GIT} or newer: without it the files of workspaces cannot be captured.`;
  try {
    const found = (await gitText(['--version'], { cwd: process.cwd() })).replace(/^git version /, '');
    return isAtLeast(found, OLDEST_GIT) ? good('git', found) : bad('git', `${found} is too old`, advice);
  } catch (error) {
    return bad('git', `it cannot be run (${messageOf(error)})`, advice);
  }
}

async function dataDirectory({ values }: LoadedConfiguration): Promise<Finding> {
  const name = 'data directory';
  const { dir, exists, writable, record, holder } = await inspectDataDirectory(values.dataDir, systemClock);
  if (!writable) return bad(name, `${dir} is not writable`, 'Choose another with SIGNALBOX_DATA_DIR.');
  if (!exists) return good(name, `${dir} will be made`);
  const made = record === null ? 'holds no database yet' : `${engineName(record.kind)} ${record.postgresMajor}`;
  return good(name, `${dir}: ${made}, ${holder === null ? 'in use by nobody' : `in use by ${holder}`}`);
}

/** Which database a start would take, and why. The embedded ones are not started for this. */
async function database({ values, origins }: LoadedConfiguration): Promise<Finding> {
  if (values.databaseUrl !== null) {
    const tier = await openTier(
      { databaseUrl: values.databaseUrl, dataDir: values.dataDir, embedded: null },
      { clock: systemClock, programVersion: SERVER_VERSION },
    );
    await tier.close();
    return good('database', `PostgreSQL ${tier.version}, the server named by ${origins.databaseUrl}`);
  }
  const { record } = await inspectDataDirectory(values.dataDir, systemClock);
  if (record?.kind === 'pglite') {
    return warning(
      'database',
      'PGlite, as recorded in the data directory',
      'It has one connection and no fsync of data files. Move to embedded PostgreSQL or a server with `signalbox export` and `import`.',
    );
  }
  if (record !== null) return good('database', 'embedded PostgreSQL, as recorded in the data directory');
  const chosen =
    values.embeddedTier === 'auto' ? 'embedded PostgreSQL where it can run, else PGlite' : values.embeddedTier;
  return good('database', `${chosen} (${origins.embeddedTier}), at the first start`);
}

function limits(): Finding {
  const { mechanism, reason } = describeLimits();
  return good('limits of runs', `${mechanism}: ${reason}`);
}

async function attempt(name: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return bad(name, messageOf(error), null);
  }
}

function engineName(kind: 'postgres' | 'pglite'): string {
  return kind === 'postgres' ? 'PostgreSQL' : 'PGlite with PostgreSQL';
}

function isAtLeast(found: string, wanted: string): boolean {
  const [major = 0, minor = 0] = found.split('.').map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function good(name: string, detail: string): Finding {
  return { name, state: 'good', detail, advice: null };
}

function warning(name: string, detail: string, advice: string): Finding {
  return { name, state: 'warning', detail, advice };
}

function bad(name: string, detail: string, advice: string | null): Finding {
  return { name, state: 'bad', detail, advice };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

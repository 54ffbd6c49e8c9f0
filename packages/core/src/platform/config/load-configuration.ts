import { resolve } from 'node:path';
import { SignalboxError } from '../errors/index.ts';
import { readConfigurationFile } from './configuration-file.ts';
import { parseText, type Setting, variableOf } from './setting.ts';
import { type Configuration, SETTINGS, type SettingName } from './settings.ts';

/** Where a value came from: `flag --port`, `environment SIGNALBOX_PORT`, `file /path`, `default`. */
export type Origin = string;

export interface LoadedConfiguration {
  readonly values: Configuration;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** Absolute path of the file that was read, or null. */
  readonly file: string | null;
}

export interface ConfigurationSources {
  /** Directory in which the file is looked for and relative paths begin. */
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Dotted setting name → text as given on the command line. */
  flags?: Readonly<Record<string, string | undefined>>;
  /** A file named on the command line; it must exist. */
  file?: string | undefined;
}

const NAMES = Object.keys(SETTINGS) as SettingName[];
const VARIABLES = new Map(NAMES.map((name) => [variableOf(name, table(name).variable), name]));
const GROUPS = new Set(
  NAMES.flatMap((name) => {
    const parts = name.split('.').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  }),
);
/** Variables with our prefix that are not settings of the server: those of the client, and those set for runs. */
const FOREIGN =
  /^SIGNALBOX_(TOKEN|URL|PROJECT|ACTOR|CONFIG|DEBUG|REQUIRE_ALL|RUN_.*|SESSION_.*|WORKSPACE_.*|HOOK_.*|TEST_.*|BENCH_.*)$/;

/**
 * Flags over environment over file over defaults; each value checked, and remembered with its origin. An empty variable
 * counts as not set.
 * @throws CONFIGURATION_INVALID for a bad value, CONFIGURATION_UNKNOWN_KEY for a name that is no setting.
 */
export function loadConfiguration(sources: ConfigurationSources): LoadedConfiguration {
  const file = readConfigurationFile(sources.cwd, sources.file ?? sources.environment.SIGNALBOX_CONFIG, GROUPS);
  const flags = Object.entries(sources.flags ?? {}).filter(([, value]) => value !== undefined);
  refuseUnknown(file ? [...file.values.keys()] : [], `file ${file?.path}`);
  refuseUnknown(
    flags.map(([name]) => name),
    'the command line',
  );
  refuseUnknownVariables(sources.environment);

  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const name of NAMES) {
    const { given, origin } = pick(name, sources, file);
    const value = check(name, origin === 'default' ? table(name).default : given, origin);
    place(values, name, resolved(name, value, sources.cwd));
    origins[name] = origin;
  }
  const loaded = { values: values as unknown as Configuration, origins: origins as Record<SettingName, Origin> };
  if (loaded.values.heartbeatSeconds * 2 > loaded.values.leaseSeconds) {
    throw new SignalboxError('CONFIGURATION_INVALID', {
      key: 'heartbeatSeconds',
      origin: loaded.origins.heartbeatSeconds,
      reason: `${loaded.values.heartbeatSeconds} s is more than half of leaseSeconds (${loaded.values.leaseSeconds} s)`,
    });
  }
  return { ...loaded, file: file?.path ?? null };
}

/** Paths begin where the program was started, wherever they are used. */
function resolved(name: SettingName, value: unknown, cwd: string): unknown {
  if (name === 'dataDir') return resolve(cwd, value as string);
  if (name === 'policies.files') return (value as string[]).map((path) => resolve(cwd, path));
  return value;
}

function pick(
  name: SettingName,
  sources: ConfigurationSources,
  file: { path: string; values: Map<string, unknown> } | null,
): { given: unknown; origin: Origin } {
  const { form, variable: fixed } = table(name);
  const flag = sources.flags?.[name];
  if (flag !== undefined) return { given: parseText(form, flag), origin: `flag --${flagOf(name)}` };
  const variable = variableOf(name, fixed);
  const text = sources.environment[variable];
  if (text !== undefined && text !== '') return { given: parseText(form, text), origin: `environment ${variable}` };
  if (file?.values.has(name)) return { given: file.values.get(name), origin: `file ${file.path}` };
  return { given: undefined, origin: 'default' };
}

function check(name: SettingName, given: unknown, origin: Origin): unknown {
  const result = table(name).schema.safeParse(given);
  if (result.success) return result.data;
  const reason = result.error.issues.map((issue) => issue.message).join('; ');
  throw new SignalboxError('CONFIGURATION_INVALID', { key: name, origin, reason });
}

function place(values: Record<string, unknown>, name: string, value: unknown): void {
  const parts = name.split('.');
  const last = parts.pop() as string;
  let group = values;
  for (const part of parts) {
    group[part] ??= {};
    group = group[part] as Record<string, unknown>;
  }
  group[last] = value;
}

function refuseUnknown(names: readonly string[], origin: Origin): void {
  for (const key of names) {
    if (!Object.hasOwn(SETTINGS, key))
      throw new SignalboxError('CONFIGURATION_UNKNOWN_KEY', { key, origin, known: NAMES });
  }
}

function refuseUnknownVariables(environment: Readonly<Record<string, string | undefined>>): void {
  for (const key of Object.keys(environment)) {
    if (!key.startsWith('SIGNALBOX_') || VARIABLES.has(key) || FOREIGN.test(key)) continue;
    const known = [...VARIABLES.keys()].filter((variable) => variable.startsWith('SIGNALBOX_'));
    throw new SignalboxError('CONFIGURATION_UNKNOWN_KEY', { key, origin: 'the environment', known });
  }
}

function table(name: SettingName): Setting {
  return SETTINGS[name];
}

/** A setting's name as it is written on the command line: `dataDir` → `data-dir`. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

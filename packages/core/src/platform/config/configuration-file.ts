import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { SignalboxError } from '../errors/index.ts';

const NAMES = ['signalbox.config.json', 'signalbox.config.yaml', 'signalbox.config.yml'];

export interface ConfigurationFile {
  /** Absolute path. */
  path: string;
  /** Dotted name → value. */
  values: Map<string, unknown>;
}

/**
 * Reads the named file, or the one that lies in the working directory; null where there is none.
 * @param groups dotted prefixes that hold settings, so that a map below any other name is a value.
 * @throws CONFIGURATION_INVALID when it cannot be read, is not a map, or two such files lie side by side.
 */
export function readConfigurationFile(
  cwd: string,
  named: string | undefined,
  groups: ReadonlySet<string>,
): ConfigurationFile | null {
  const path = named === undefined ? find(cwd) : resolve(cwd, named);
  if (path === null) return null;
  let content: unknown;
  try {
    // Only where there is a file: 70 modules that each start would load.
    const { parse }: typeof import('yaml') = createRequire(import.meta.url)('yaml');
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SignalboxError('CONFIGURATION_INVALID', { key: '(file)', origin: path, reason }, { cause: error });
  }
  if (content === null || content === undefined) return { path, values: new Map() };
  if (!isMap(content)) {
    throw new SignalboxError('CONFIGURATION_INVALID', { key: '(file)', origin: path, reason: 'it must hold a map' });
  }
  return { path, values: flatten(content, groups) };
}

function find(cwd: string): string | null {
  const found = NAMES.map((name) => join(cwd, name)).filter((path) => existsSync(path));
  if (found.length > 1) {
    throw new SignalboxError('CONFIGURATION_INVALID', {
      key: '(file)',
      origin: cwd,
      reason: `${found.join(' and ')} both exist; keep one`,
    });
  }
  return found[0] ?? null;
}

function flatten(map: Record<string, unknown>, groups: ReadonlySet<string>, prefix = ''): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(map)) {
    const name = `${prefix}${key}`;
    if (groups.has(name) && isMap(value)) {
      for (const [inner, innerValue] of flatten(value, groups, `${name}.`)) flat.set(inner, innerValue);
    } else {
      flat.set(name, value);
    }
  }
  return flat;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

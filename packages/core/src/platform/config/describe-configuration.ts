import { isSecretName } from '../redaction/index.ts';
import type { LoadedConfiguration, Origin } from './load-configuration.ts';
import { type Setting, variableOf } from './setting.ts';
import { SETTINGS, type SettingName } from './settings.ts';

export interface DescribedSetting {
  name: SettingName;
  variable: string;
  about: string;
  origin: Origin;
  /** As it may be shown: secrets hidden, passwords taken out of addresses. */
  value: unknown;
}

/** Every setting with its value as people may see it, and where it came from; for `signalbox doctor` and `up`. */
export function describeConfiguration(loaded: LoadedConfiguration): DescribedSetting[] {
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const made: Setting = SETTINGS[name];
    return {
      name,
      variable: variableOf(name, made.variable),
      about: made.about,
      origin: loaded.origins[name],
      value: loaded.origins[name] === 'default' ? made.default : shown(made, settingValue(loaded, name)),
    };
  });
}

/** What must be shown nowhere: all text of secret settings, and the passwords of addresses. */
export function secretsOf(loaded: LoadedConfiguration): string[] {
  return (Object.keys(SETTINGS) as SettingName[]).flatMap((name) => {
    const { hidden }: Setting = SETTINGS[name];
    const value = settingValue(loaded, name);
    if (hidden === undefined || value === null) return [];
    if (hidden === 'url') return passwordsOf(String(value));
    return Array.isArray(value) || typeof value === 'string'
      ? [value].flat().map(String)
      : textsUnderSecretNames(value);
  });
}

/** As it stands in the address, and as it is meant. */
function passwordsOf(address: string): string[] {
  const { password } = new URL(address);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}

function textsUnderSecretNames(value: unknown, secret = false): string[] {
  if (typeof value === 'string') return secret ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => textsUnderSecretNames(item, secret || isSecretName(name)));
}

function settingValue(loaded: LoadedConfiguration, name: SettingName): unknown {
  return name
    .split('.')
    .reduce<unknown>((group, part) => (group as Record<string, unknown>)[part], loaded.values as unknown);
}

function shown(made: Setting, value: unknown): unknown {
  if (value === null || made.hidden === undefined) return value;
  if (made.hidden === 'secret') return '[set]';
  const url = new URL(String(value));
  if (url.password !== '') url.password = '***';
  for (const key of url.searchParams.keys()) {
    if (/password|secret|token/i.test(key)) url.searchParams.set(key, '***');
  }
  return url.href;
}

export { type DescribedSetting, describeConfiguration, secretsOf } from './describe-configuration.ts';
export { assertSafeToListen, isLoopback } from './listen-safety.ts';
export {
  type ConfigurationSources,
  type LoadedConfiguration,
  loadConfiguration,
  type Origin,
} from './load-configuration.ts';
export { type Configuration, SERVER_ROLES, SETTINGS, type ServerRole, type SettingName } from './settings.ts';

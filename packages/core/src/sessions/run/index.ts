export { reapLostRuns } from './lost-runs.ts';
export type { PermissionMode } from './permission-rule.ts';
export type { MessageDelta } from './run-host.ts';
export { deltaTopic, type RunnerParts, type RunnerSettings } from './runner-parts.ts';
export { SessionRunner } from './session-runner.ts';

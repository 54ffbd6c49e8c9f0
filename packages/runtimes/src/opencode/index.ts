export { readOpencodeHook } from './adopted-event.ts';
export { type OpencodeAgentConfig, opencodeAgentConfigSchema } from './opencode-config.ts';
export { createOpencodeRuntime, type OpencodeRuntimeOptions } from './opencode-runtime.ts';

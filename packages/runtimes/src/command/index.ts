export { type CommandRuntimeOptions, createCommandRuntime } from './command-runtime.ts';

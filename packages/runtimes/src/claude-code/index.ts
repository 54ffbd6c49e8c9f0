export { readClaudeCodeHook } from './adopted-event.ts';
export { type ClaudeCodeRuntimeOptions, createClaudeCodeRuntime } from './claude-code-runtime.ts';

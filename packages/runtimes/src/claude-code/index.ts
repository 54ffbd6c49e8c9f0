export { type HookReport, readClaudeCodeHook } from './adopted-event.ts';

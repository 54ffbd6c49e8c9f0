import { adoptedEventSchema } from '@signalbox/core';
import { describe, expect, it } from 'vitest';
import { readClaudeCodeHook } from './adopted-event.ts';
import { RECORDED_HOOKS } from './testing/recorded-hooks.ts';

const shared = { session_id: 'abc', cwd: '/srv/work', hook_event_name: '' };

describe('events of Claude Code', () => {
  it('are understood as they were recorded', () => {
    const read = RECORDED_HOOKS.map((hook) => readClaudeCodeHook(hook));
    for (const { event } of read) expect(adoptedEventSchema.parse(event)).toEqual(event);
    expect(new Set(read.map(({ conversation }) => conversation)).size).toBe(1);
    expect(read.map(({ event }) => event.type)).toEqual([
      'opened',
      'prompt',
      'tool_before',
      'tool_after',
      'tool_before',
      'tool_after',
      'tool_before',
      'tool_after',
      'noted',
      'noted',
      'noted',
      'turn_ended',
      'closed',
    ]);
    const results = read.flatMap(({ event }) => (event.type === 'tool_after' ? [event] : []));
    expect(results.map(({ status, output, durationMs }) => [status, output.slice(0, 30), durationMs])).toEqual([
      ['completed', '{"type":"create","filePath":"/', 20],
      ['completed', 'x', 200],
      ['error', 'Exit code 3', 17],
    ]);
    expect(read.at(-2)?.event).toEqual({ type: 'turn_ended', message: 'Done.', failure: null });
    expect(read.map(({ event }) => (event.type === 'noted' ? event.phase : '')).filter(Boolean)).toEqual([
      'claude_code.notification',
      'claude_code.subagent_stop',
      'claude_code.pre_compact',
    ]);
  });

  it('of releases to come are noted as they are', () => {
    const { event } = readClaudeCodeHook({ ...shared, hook_event_name: 'MoonRise', phase: 'full' });
    expect(event).toEqual({ type: 'noted', phase: 'claude_code.moon_rise', detail: { phase: 'full' } });
    // One that has changed its shape is no reason to lose it.
    expect(readClaudeCodeHook({ ...shared, hook_event_name: 'Stop', last_assistant_message: 7 }).event).toEqual({
      type: 'noted',
      phase: 'claude_code.stop',
      detail: { last_assistant_message: 7 },
    });
  });

  it('that hold a call up must be understood', () => {
    const before = { ...shared, hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: 'ls' } };
    expect(() => readClaudeCodeHook(before)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    expect(() => readClaudeCodeHook({})).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    expect(() => readClaudeCodeHook(null)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  it('of a shell in the background leave its window open, of a refused call tell why', () => {
    const call = {
      ...shared,
      tool_name: 'Bash',
      tool_input: { command: 'x', run_in_background: true },
      tool_use_id: 't',
    };
    const after = { ...call, hook_event_name: 'PostToolUse', tool_response: { stdout: 'a', stderr: 'b' } };
    expect(readClaudeCodeHook(after).event).toMatchObject({ background: true, output: 'a\nb' });
    const denied = { ...call, hook_event_name: 'PermissionDenied', reason: 'not allowed' };
    expect(readClaudeCodeHook(denied).event).toMatchObject({ status: 'denied', output: 'not allowed' });
    const failed = { ...shared, hook_event_name: 'StopFailure', error: { type: 'rate_limit' } };
    expect(readClaudeCodeHook(failed).event).toMatchObject({ failure: '{"type":"rate_limit"}' });
  });
});

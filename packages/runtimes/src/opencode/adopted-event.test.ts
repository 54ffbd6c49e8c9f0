import { describe, expect, it } from 'vitest';
import { readOpencodeHook } from './adopted-event.ts';

const whose = { conversation: 'ses_1', directory: '/srv/work' };

describe('what the plugin of OpenCode tells', () => {
  it('is taken as it is, but for what is newer than we are', () => {
    const prompt = { type: 'prompt', text: 'Fix it' };
    expect(readOpencodeHook({ ...whose, event: prompt })).toEqual({ ...whose, event: prompt });
    expect(readOpencodeHook({ ...whose, event: { type: 'moonrise', at: 3 } })).toEqual({
      ...whose,
      event: { type: 'noted', phase: 'opencode.moonrise', detail: { at: 3 } },
    });
  });

  it('is refused where it cannot be understood: a call must not pass for a note', () => {
    expect(() => readOpencodeHook({ ...whose, event: { type: 'tool_before', tool: 'bash' } })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
    expect(() => readOpencodeHook({ event: { type: 'moonrise' } })).toThrow();
  });
});

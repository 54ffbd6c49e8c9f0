import { describe, expect, it } from 'vitest';
import { sessionFromCommandLine } from './session-from-command-line.ts';

describe('the session that `run` asks for', () => {
  it('is a command behind the separator, with its arguments as they are', () => {
    expect(sessionFromCommandLine(['npm', 'test', '--', 'a b'], {}, true)).toMatchObject({
      runtime: 'command',
      command: ['npm', 'test', '--', 'a b'],
      title: 'npm test -- a b',
      initialPrompt: 'npm test -- a b',
    });
  });

  it('is a prompt for opencode otherwise', () => {
    expect(sessionFromCommandLine(['fix', 'it'], { model: 'a/b' }, false)).toMatchObject({
      runtime: 'opencode',
      command: null,
      initialPrompt: 'fix it',
      modelConfig: 'a/b',
    });
  });

  it('is of the runtime that is named, wherever the words stand', () => {
    expect(sessionFromCommandLine(['fix it'], { runtime: 'opencode' }, true)).toMatchObject({ command: null });
    expect(sessionFromCommandLine(['ls'], { runtime: 'command' }, false)).toMatchObject({ command: ['ls'] });
  });

  it('has the limits that are given and no others', () => {
    const options = { maxDuration: 60, memory: 512 };
    expect(sessionFromCommandLine(['x'], options, true).limits).toEqual({ maxDurationSeconds: 60, memoryLimitMb: 512 });
  });

  it('claims the paths that are given, and meets claims of others as it says', () => {
    expect(sessionFromCommandLine(['x'], { claim: ['src/*.{ts,tsx}'], ifClaimed: 'refuse' }, true)).toMatchObject({
      paths: ['src/*.{ts,tsx}'],
      pathPolicy: { conflict: 'refuse' },
    });
    expect(sessionFromCommandLine(['x'], {}, true)).toMatchObject({ paths: [], pathPolicy: null });
  });

  it('has a title of one line that is not too long, unless one is given', () => {
    const { title } = sessionFromCommandLine([`a\n${'b'.repeat(200)}`], {}, true);
    expect(title).toHaveLength(80);
    expect(title).toMatch(/^a b+…$/);
    expect(sessionFromCommandLine(['x'], { title: 'Mine' }, true).title).toBe('Mine');
  });

  it('is refused without anything to run', () => {
    expect(() => sessionFromCommandLine([], {}, true)).toThrow(/Say what to run/);
  });
});

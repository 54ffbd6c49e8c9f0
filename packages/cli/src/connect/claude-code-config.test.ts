import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withHooks, withoutHooks, withoutServer, withServer } from './claude-code-config.ts';
import { jsonText } from './settings-text.ts';

const launch = { words: ['signalbox'], options: [], gatedSeconds: 600 };
const command = fc.record({ type: fc.constant('command'), command: fc.string(), timeout: fc.nat() });
const group = fc.record({ matcher: fc.string(), hooks: fc.array(command, { minLength: 1 }) });
const name = fc.oneof(
  fc.constantFrom('PreToolUse', 'Stop', 'MoonRise'),
  fc.string().filter((text) => text !== '__proto__'),
);
const hooks = fc.dictionary(name, fc.array(group, { minLength: 1 }), { minKeys: 1, noNullPrototype: true });
const settings = fc.record(
  { model: fc.string(), permissions: fc.record({ allow: fc.array(fc.string()) }), hooks },
  { requiredKeys: [], noNullPrototype: true },
);

describe('settings of Claude Code', () => {
  test('with our hooks and without them again are what they were; twice is as once', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const connected = withHooks(given, launch);
        expect(withoutHooks(connected)).toEqual(given);
        expect(withHooks(connected, launch)).toEqual(connected);
        // Nothing of what was there is lost.
        for (const [event, groups] of Object.entries(given.hooks ?? {}))
          expect((connected.hooks as Record<string, unknown[]>)[event]).toEqual(expect.arrayContaining(groups));
      }),
    );
  });

  test('the hook of a call has ten seconds more than it waits', () => {
    const { PreToolUse: gated, Stop: other } = withHooks({}, launch).hooks as Record<string, unknown>;
    expect(gated).toEqual([
      { hooks: [{ type: 'command', command: 'signalbox hook claude-code --wait 590', timeout: 600 }] },
    ]);
    expect(other).toEqual([{ hooks: [{ type: 'command', command: 'signalbox hook claude-code', timeout: 60 }] }]);
    const odd = withHooks({}, { words: ['/o d/node', "it's"], options: ['--url', 'http://x'], gatedSeconds: 20 });
    expect(JSON.stringify(odd)).toContain(`'/o d/node' 'it'\\\\''s' hook claude-code --url http://x --wait 10`);
  });

  test('our MCP server comes beside others, and goes alone', () => {
    const other = { mcpServers: { mine: { command: 'x' } }, more: 1 };
    expect(withServer(other, launch)).toEqual({
      mcpServers: { mine: { command: 'x' }, signalbox: { command: 'signalbox', args: ['mcp'] } },
      more: 1,
    });
    expect(withoutServer(withServer(other, launch))).toEqual(other);
    expect(withoutServer(withServer({}, launch))).toEqual({});
  });

  test('keep the indentation and the end that they have', () => {
    const text = '{\r\n\t"a": 1\r\n}';
    const { value, write } = jsonText(text);
    expect(write({ ...value, b: 2 })).toBe('{\r\n\t"a": 1,\r\n\t"b": 2\r\n}');
    expect(jsonText(null).write({})).toBe('{}\n');
    expect(() => jsonText('[]')).toThrow(SyntaxError);
  });
});

import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { connectedConfig, disconnectedConfig } from './opencode-config.ts';

const launch = { words: ['signalbox'], options: ['--url', 'http://x'], gatedSeconds: 600 };
const plugin = './ours.js';
const entry = fc.oneof(
  fc.string().filter((text) => text !== plugin),
  fc.tuple(fc.string(), fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true })),
);
const name = fc.string().filter((text) => text !== '__proto__' && text !== 'signalbox');
const config = fc.record(
  {
    model: fc.string(),
    plugin: fc.array(entry, { minLength: 1 }),
    mcp: fc.dictionary(name, fc.record({ type: fc.string() }), { minKeys: 1, noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe('the configuration of OpenCode', () => {
  test('with ours and without it again says what it said; twice is as once', () => {
    fc.assert(
      fc.property(config, fc.constantFrom(undefined, 2, 4, '\t'), (given, indent) => {
        const text = JSON.stringify(given, null, indent);
        const connected = connectedConfig(text, plugin, launch);
        expect(parse(connected)).toEqual({
          ...given,
          plugin: [...(given.plugin ?? []), plugin],
          mcp: {
            ...given.mcp,
            signalbox: { type: 'local', command: ['signalbox', 'mcp', '--url', 'http://x'], enabled: true },
          },
        });
        expect(connectedConfig(connected, plugin, launch)).toBe(connected);
        expect(parse(disconnectedConfig(connected, plugin))).toEqual(given);
      }),
    );
  });

  test('keeps remarks, and what was edited since', () => {
    const text = '{\r\n\t// mine\r\n\t"model": "a/b", /* of late */\r\n}';
    const connected = connectedConfig(text, plugin, launch);
    expect(connected).toContain('// mine');
    expect(connected).toContain('\r\n\t"plugin": [');
    const left = disconnectedConfig(connected.replace('a/b', 'c/d'), plugin);
    expect(left).toContain('/* of late */');
    expect(parse(left)).toEqual({ model: 'c/d' });
    expect(parse(connectedConfig(null, plugin, launch))).toHaveProperty('$schema');
    expect(disconnectedConfig(text, plugin)).toBe(text);
  });

  test('what is no configuration is left alone', () => {
    expect(() => connectedConfig('{ "half": ', plugin, launch)).toThrow(SyntaxError);
    expect(() => connectedConfig('[]', plugin, launch)).toThrow(SyntaxError);
  });
});

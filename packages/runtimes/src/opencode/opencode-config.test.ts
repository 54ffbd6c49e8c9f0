import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelOf, opencodeConfig } from './opencode-config.ts';
import { prepareHome } from './opencode-home.ts';

const plugin = ['file:///plugin.js', { url: 'u' }] as const;

describe('the configuration of a run', () => {
  test("lays the session's over the operator's, key by key", () => {
    const operator = { model: 'a/b', provider: { a: { options: { baseURL: 'x', apiKey: 'k' } } } };
    const session = { model: 'c/d', provider: { a: { options: { baseURL: 'y' } } } };
    expect(opencodeConfig(operator, session, plugin)).toMatchObject({
      model: 'c/d',
      provider: { a: { options: { baseURL: 'y', apiKey: 'k' } } },
    });
  });

  test('keeps what must hold in every run, whatever a session says', () => {
    const session = {
      share: 'auto',
      autoupdate: true,
      snapshot: true,
      default_agent: 'nobody',
      plugin: ['theirs'],
      experimental: { batch_tool: true },
    };
    const config = opencodeConfig({ default_agent: 'nobody' }, session, plugin);
    expect(config).toMatchObject({ share: 'disabled', autoupdate: false, snapshot: false });
    expect(config.plugin).toEqual(['theirs', plugin]);
    expect(config.experimental).toEqual({ continue_loop_on_deny: true, batch_tool: true });
    expect(config).not.toHaveProperty('default_agent');
  });

  test('splits a model at its first slash only', () => {
    expect(modelOf({ model: 'hub/org/name' })).toEqual({ providerID: 'hub', modelID: 'org/name' });
    expect(modelOf({ model: null })).toBeUndefined();
    expect(modelOf({ model: 'nameless' })).toBeUndefined();
  });
});

describe('the home of a project', () => {
  test('lies in the state directory, whatever the project is called', async () => {
    const state = await mkdtemp(join(tmpdir(), 'signalbox-home-'));
    try {
      for (const project of ['p1', '..', 'a/b']) {
        const { directory } = await prepareHome(state, project);
        expect(directory.startsWith(`${state}/`)).toBe(true);
        expect((await readdir(directory)).sort()).toEqual(['cache', 'config', 'data', 'home', 'state']);
      }
      expect((await readdir(state)).length).toBe(3);
    } finally {
      await rm(state, { recursive: true });
    }
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { assertSafeToListen, describeConfiguration, isLoopback, loadConfiguration } from './index.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'signalbox-config-'));
});

const load = (environment: Record<string, string> = {}, flags: Record<string, string> = {}, file?: string) =>
  loadConfiguration({ cwd, environment, flags, file });

describe('configuration', () => {
  it('has the documented defaults, each with its origin', () => {
    const { values, origins, file } = load();
    expect(values.host).toBe('127.0.0.1');
    expect(values.port).toBe(4780);
    expect(values.dataDir).toBe(join(cwd, '.signalbox'));
    expect(values.leaseSeconds).toBe(30);
    expect(values.heartbeatSeconds).toBe(10);
    expect(values.runtimes.opencode.permissions).toBe('workspace');
    expect(origins.port).toBe('default');
    expect(file).toBeNull();
  });

  it('prefers flags to environment to file to defaults', () => {
    writeFileSync(
      join(cwd, 'signalbox.config.yaml'),
      'port: 1000\nhost: 127.0.0.2\nrunner:\n  capacity: 9\nauth: required\n',
    );
    const { values, origins } = load({ SIGNALBOX_PORT: '2000', SIGNALBOX_HOST: '127.0.0.3' }, { port: '3000' });
    expect([values.port, values.host, values.runner.capacity, values.auth]).toEqual([3000, '127.0.0.3', 9, 'required']);
    expect(origins.port).toBe('flag --port');
    expect(origins.host).toBe('environment SIGNALBOX_HOST');
    expect(origins['runner.capacity']).toBe(`file ${join(cwd, 'signalbox.config.yaml')}`);
    expect(origins.logLevel).toBe('default');
  });

  it('reads numbers, booleans and lists from text, and JSON files', () => {
    writeFileSync(join(cwd, 'signalbox.config.json'), '{"allowedHosts": ["box.example"]}');
    const { values } = load({
      SIGNALBOX_AUTO_MIGRATE: 'off',
      SIGNALBOX_ROLES: 'api, runner',
      SIGNALBOX_BODY_LIMIT: '2048',
    });
    expect(values.autoMigrate).toBe(false);
    expect(values.roles).toEqual(['api', 'runner']);
    expect(values.bodyLimit).toBe(2048);
    expect(values.allowedHosts).toEqual(['box.example']);
  });

  it.each([
    [{ SIGNALBOX_PRT: '1' }, {}, 'SIGNALBOX_PRT'],
    [{}, { prt: '1' }, 'prt'],
  ])('refuses an unknown name %j %j by that name', (environment, flags, name) => {
    expect(() => load(environment, flags)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_UNKNOWN_KEY', details: expect.objectContaining({ key: name }) }),
    );
  });

  it('refuses an unknown name in the file, also inside a group', () => {
    writeFileSync(join(cwd, 'signalbox.config.yaml'), 'runtimes:\n  opencode:\n    programm: x\n');
    expect(() => load()).toThrow(/runtimes\.opencode\.programm/);
  });

  it.each([
    ['SIGNALBOX_PORT', '99999', 'port'],
    ['SIGNALBOX_PORT', 'high', 'port'],
    ['SIGNALBOX_AUTO_MIGRATE', 'perhaps', 'autoMigrate'],
    ['SIGNALBOX_AUTH', 'requird', 'auth'],
    ['SIGNALBOX_ROLES', 'api,runer', 'roles'],
    ['SIGNALBOX_HEARTBEAT_SECONDS', '29', 'heartbeatSeconds'],
  ])('refuses %s=%s naming the setting and its origin', (variable, text, key) => {
    expect(() => load({ [variable]: text })).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_INVALID',
        details: expect.objectContaining({ key, origin: `environment ${variable}` }),
      }),
    );
  });

  it('refuses a named file that is not there, and two files side by side', () => {
    expect(() => load({}, {}, 'absent.yaml')).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }));
    writeFileSync(join(cwd, 'signalbox.config.json'), '{}');
    writeFileSync(join(cwd, 'signalbox.config.yaml'), '');
    expect(() => load()).toThrow(/keep one/);
  });

  it('leaves the variables of the client and of runs alone', () => {
    expect(load({ SIGNALBOX_TOKEN: 'x', SIGNALBOX_RUN_ID: 'y' }).values.port).toBe(4780);
  });

  it('never shows a secret or the password of an address', () => {
    const jwt = 'a-secret-that-is-long-enough-for-us';
    const loaded = load({ DATABASE_URL: 'postgres://box:hunter2@db:5432/box', SIGNALBOX_JWT_SECRET: jwt });
    const shown = JSON.stringify(describeConfiguration(loaded));
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain(jwt);
    expect(shown).toContain('postgres://box:***@db:5432/box');
  });

  it('lets open mode listen on loopback only', () => {
    expect(() => assertSafeToListen(load())).not.toThrow();
    expect(() => assertSafeToListen(load({ SIGNALBOX_HOST: '::1' }))).not.toThrow();
    expect(() => assertSafeToListen(load({ SIGNALBOX_HOST: '0.0.0.0' }))).toThrow(/SIGNALBOX_AUTH=required/);
    expect(() => assertSafeToListen(load({ SIGNALBOX_HOST: '::' }))).toThrow(/SIGNALBOX_AUTH=required/);
    expect(() => assertSafeToListen(load({ SIGNALBOX_HOST: '0.0.0.0', SIGNALBOX_AUTH: 'required' }))).not.toThrow();
  });

  it('tells loopback names and addresses from others', () => {
    expect(
      ['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'].map(isLoopback),
    ).toEqual(Array(7).fill(true));
    expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'localhost.evil.example'].map(isLoopback)).toEqual(
      Array(5).fill(false),
    );
  });
});

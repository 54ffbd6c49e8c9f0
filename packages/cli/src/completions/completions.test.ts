import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { bashScript } from './bash.ts';
import { allNodes, commandTree } from './command-tree.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const tree = commandTree(createProgram({ io: process, separated: false, exitWith: () => undefined }));
const script = join(mkdtempSync(join(tmpdir(), 'signalbox-completion-')), 'signalbox.bash');
writeFileSync(script, bashScript(tree));

/** What a real bash offers at the end of the line. */
function offered(...words: string[]): string[] {
  const quoted = ['signalbox', ...words].map((word) => `'${word}'`).join(' ');
  const program = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _signalbox; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', program], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('completions in bash', () => {
  it('offer every command at the beginning', () => {
    expect(offered('')).toEqual(tree.children.map((child) => child.path.join(' ')));
    expect(offered('se')).toEqual(['sessions']);
  });

  it('offer the subcommands of a command, also behind global options', () => {
    expect(offered('migrate', '')).toEqual(['up', 'down', 'status']);
    expect(offered('--json', 'migrate', 'd')).toEqual(['down']);
  });

  it('offer the options of the command and the global ones', () => {
    expect(offered('sessions', 'list', '--st')).toEqual(['--status']);
    expect(offered('sessions', 'list', '--js')).toEqual(['--json']);
    expect(offered('sessions', 'show', '--st')).toEqual([]);
  });

  it('offer what a value may be', () => {
    expect(offered('run', '--runtime', '')).toEqual(['command', 'opencode', 'claude-code']);
    expect(offered('completions', 'f')).toEqual(['fish']);
  });

  it('offer nothing of ours behind the separator of run', () => {
    expect(offered('run', '--', 'signalbo')).not.toContain('sessions');
  });
});

describe('completions in zsh and fish', () => {
  it.each([
    ['zsh', zshScript(tree)],
    ['fish', fishScript(tree)],
  ])('of %s name every command and option', (shell, text) => {
    for (const node of allNodes(tree).slice(1)) {
      const name = node.path.at(-1) ?? '';
      expect(text, shell).toContain(shell === 'zsh' ? ['_signalbox', ...node.path].join('_') : `'${name}'`);
      for (const option of node.options) expect(text).toContain(option.flag.replace(/^--/, ''));
    }
  });
});

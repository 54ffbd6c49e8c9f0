import { Argument, type Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { bashScript } from '../completions/bash.ts';
import { commandTree } from '../completions/command-tree.ts';
import { fishScript } from '../completions/fish.ts';
import { zshScript } from '../completions/zsh.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

const INSTALL = `
Install:
  bash  signalbox completions bash > ~/.local/share/bash-completion/completions/signalbox
  zsh   signalbox completions zsh > "\${fpath[1]}/_signalbox"
  fish  signalbox completions fish > ~/.config/fish/completions/signalbox.fish`;

export function registerCompletions(program: Command, registry: Registry): void {
  program
    .command('completions')
    .description('print the script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', INSTALL)
    .action(
      action<[keyof typeof SCRIPTS], object>(registry, async ({ io }, [shell]) => {
        io.stdout.write(SCRIPTS[shell](commandTree(program)));
      }),
    );
}

import type { Command } from 'commander';

/** What the completion scripts are made from: a command, what may follow it, and its options. */
export interface CommandNode {
  /** Names from the program on, without the program's: `['sessions', 'list']`; empty for the program. */
  path: string[];
  about: string;
  children: CommandNode[];
  options: { flag: string; about: string; takesValue: boolean; choices: string[] }[];
  /** Words that the first argument may be. */
  words: string[];
}

export function commandTree(command: Command, path: string[] = []): CommandNode {
  return {
    path,
    about: command.description(),
    children: command.commands.map((child) => commandTree(child, [...path, child.name()])),
    options: [
      ...command.options.map((option) => ({
        flag: option.long ?? option.short ?? option.flags,
        about: option.description,
        takesValue: option.required || option.optional,
        choices: option.argChoices ?? [],
      })),
      { flag: '--help', about: 'show help', takesValue: false, choices: [] },
    ],
    words: command.registeredArguments[0]?.argChoices ?? [],
  };
}

/** The node and everything under it, parents first. */
export function allNodes(node: CommandNode): CommandNode[] {
  return [node, ...node.children.flatMap(allNodes)];
}

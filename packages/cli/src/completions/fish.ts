import { allNodes, type CommandNode } from './command-tree.ts';

/** One `complete` line for each subcommand, word and option, shown where the command line has come to it. */
export function fishScript(root: CommandNode): string {
  const lines = allNodes(root).flatMap((node) => {
    const here = conditionOf(node);
    return [
      ...node.children.map(
        (child) => `complete -c signalbox -f -n '${here}' -a '${child.path.at(-1)}' -d '${quoted(child.about)}'`,
      ),
      ...node.words.map((word) => `complete -c signalbox -f -n '${here}' -a '${word}'`),
      ...node.options.map((option) => {
        const value =
          option.choices.length > 0 ? ` -x -a '${option.choices.join(' ')}'` : option.takesValue ? ' -r' : '';
        const where = node === root ? '' : ` -n '${here}'`;
        return `complete -c signalbox${where} -l '${option.flag.replace(/^--/, '')}'${value} -d '${quoted(option.about)}'`;
      }),
    ];
  });
  return `# fish completion of signalbox\n${lines.join('\n')}\n`;
}

function conditionOf(node: CommandNode): string {
  if (node.path.length === 0) return '__fish_use_subcommand';
  const seen = node.path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const names = node.children.map((child) => child.path.at(-1)).join(' ');
  return [...seen, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ');
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}

import { allNodes, type CommandNode } from './command-tree.ts';

/** One function for each command, in the manner of zsh's own \`_arguments\`. */
export function zshScript(root: CommandNode): string {
  return `#compdef signalbox
${allNodes(root)
  .map((node) => functionOf(node, root))
  .join('\n')}
_signalbox "$@"
`;
}

function functionOf(node: CommandNode, root: CommandNode): string {
  const options = [...node.options, ...(node === root ? [] : root.options)].filter(
    (option, index, all) => all.findIndex((other) => other.flag === option.flag) === index,
  );
  const specs = options.map((option) => {
    const value = option.takesValue
      ? `:value:${option.choices.length > 0 ? `(${option.choices.join(' ')})` : '_files'}`
      : '';
    return `    '${option.flag}[${quoted(option.about)}]${value}'`;
  });
  if (node.children.length === 0) {
    const words = node.words.length > 0 ? `'1:word:(${node.words.join(' ')})'` : "'*::argument:_default'";
    return `${nameOf(node)}() {\n  _arguments \\\n${[...specs, `    ${words}`].join(' \\\n')}\n}`;
  }
  const children = node.children.map((child) => `    '${child.path.at(-1)}:${quoted(child.about)}'`).join('\n');
  const branches = node.children.map((child) => `      ${child.path.at(-1)}) ${nameOf(child)} ;;`).join('\n');
  return `${nameOf(node)}() {
  local state line
  local -a commands
  commands=(
${children}
  )
  _arguments -C \\
${specs.join(' \\\n')} \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${branches}
      esac ;;
  esac
}`;
}

function nameOf(node: CommandNode): string {
  return ['_signalbox', ...node.path].join('_');
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
}

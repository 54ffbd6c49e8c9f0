import { allNodes, type CommandNode } from './command-tree.ts';

/** A completion function that finds the command on the line and offers its subcommands, words and options. */
export function bashScript(root: CommandNode): string {
  const nodes = allNodes(root);
  const cases = nodes.map((node) => {
    const words = [...node.children.map((child) => child.path.at(-1)), ...node.words].join(' ');
    const inherited = node === root ? [] : root.options;
    const flags = [...new Set([...node.options, ...inherited].map((option) => option.flag))].join(' ');
    return `    '${node.path.join(' ')}') words='${words}'; flags='${flags}' ;;`;
  });
  const withValue = [...new Set(nodes.flatMap((node) => node.options.filter((option) => option.takesValue)))];
  const choices = withValue
    .filter((option) => option.choices.length > 0)
    .map(
      (option) =>
        `    ${option.flag}) COMPREPLY=($(compgen -W '${option.choices.join(' ')}' -- "$current")); return ;;`,
    );
  const plain = withValue.filter((option) => option.choices.length === 0).map((option) => option.flag);
  return `# bash completion of signalbox
_signalbox() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path='' word words='' flags='' i
  case "$previous" in
${[...new Set(choices)].join('\n')}
    ${[...new Set(plain)].join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ "$word" == -- ]] && { COMPREPLY=($(compgen -c -f -- "$current")); return; }
    [[ "$word" == -* ]] && continue
    case "\${path:+$path }$word" in
${nodes
  .filter((node) => node !== root)
  .map((node) => `      '${node.path.join(' ')}') path="\${path:+$path }$word" ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -F _signalbox signalbox
`;
}

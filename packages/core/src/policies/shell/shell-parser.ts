import { createRequire } from 'node:module';
import type { Node, Parser } from 'web-tree-sitter';

const BASH_GRAMMAR = 'tree-sitter-bash/tree-sitter-bash.wasm';
let loading: Promise<Parser> | null = null;

/** Loads the parser with the first text to read: most servers never have a rule about commands. */
function parser(): Promise<Parser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Parser> {
  const { Language, Parser: Loaded } = await import('web-tree-sitter');
  await Loaded.init();
  const made = new Loaded();
  made.setLanguage(await Language.load(createRequire(import.meta.url).resolve(BASH_GRAMMAR)));
  return made;
}

/** Reads a text as bash does; `read` gets the root of its tree, which lives as long as it runs. */
export async function parseShell<Result>(text: string, read: (root: Node) => Result): Promise<Result> {
  const tree = (await parser()).parse(text);
  if (!tree) throw new Error('the parser of shell commands gave no tree');
  try {
    return read(tree.rootNode);
  } finally {
    tree.delete();
  }
}

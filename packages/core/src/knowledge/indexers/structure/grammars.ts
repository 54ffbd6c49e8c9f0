import { createRequire } from 'node:module';
import type { Parser, Query } from 'web-tree-sitter';
import type { Language } from './languages.ts';

export interface Grammar {
  parser: Parser;
  query: Query;
}

const loaded = new Map<string, Promise<Grammar>>();

/** The parser of a language, and what is looked for in its trees; loaded when it is first needed. */
export function grammarOf(language: Language): Promise<Grammar> {
  const key = `${language.grammar}\0${language.query}`;
  const known = loaded.get(key) ?? load(language);
  loaded.set(key, known);
  return known;
}

async function load({ grammar, query }: Language): Promise<Grammar> {
  const { Language: Loaded, Parser: Made, Query: Asked } = await import('web-tree-sitter');
  await Made.init();
  const file = createRequire(import.meta.url).resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`);
  const language = await Loaded.load(file);
  const parser = new Made();
  parser.setLanguage(language);
  return { parser, query: new Asked(language, query) };
}

import { readFileSync } from 'node:fs';
import type { FileFacts, SourceFileState } from '../file-facts.ts';
import { unreadFile } from '../typescript/index-file.ts';
import { TOO_DEEP, whyUnread } from '../typescript/unread-source.ts';
import { type Grammar, grammarOf } from './grammars.ts';
import { type Language, languageOfPath } from './languages.ts';
import { NamedSymbols } from './named-symbols.ts';
import { type Outline, outlineOf } from './outline.ts';
import { type OutlinedFile, structureFacts } from './structure-facts.ts';

/** Files of languages of which structure alone is read. It remembers what it parsed, by what the files held. */
export class StructureReader {
  readonly #root: string;
  readonly #wanted: (path: string) => boolean;
  #known = new Map<string, { hash: string; outline: Outline }>();

  /** @param wanted which files are its own, of those whose language it knows */
  constructor(root: string, wanted: (path: string) => boolean = () => true) {
    this.#root = root;
    this.#wanted = wanted;
  }

  reads(path: string): boolean {
    return this.#wanted(path) && languageOfPath(path) !== null;
  }

  /** What is to say of each file: of all of them, since what a name means depends on all. */
  async read(states: readonly SourceFileState[]): Promise<FileFacts[]> {
    const known = new Map<string, { hash: string; outline: Outline }>();
    const outlined: OutlinedFile[] = [];
    const unread: FileFacts[] = [];
    for (const state of states) {
      const language = languageOfPath(state.path);
      if (language === null || !this.#wanted(state.path)) continue;
      const found = await this.#outline(state, language);
      if (typeof found === 'string') unread.push(unreadFile(state, found, language.name));
      else {
        known.set(state.path, { hash: state.hash, outline: found });
        outlined.push({ state, language, outline: found });
      }
    }
    this.#known = known;
    const names = new NamedSymbols(outlined);
    return [...unread, ...outlined.map((file) => structureFacts(file, names))];
  }

  /** Why nobody looks into a file, in place of what it says. */
  async #outline(state: SourceFileState, language: Language): Promise<Outline | string> {
    const before = this.#known.get(state.path);
    if (before?.hash === state.hash) return before.outline;
    const why = whyUnread(this.#root, state);
    return why ?? parsed(await grammarOf(language), readFileSync(`${this.#root}/${state.path}`, 'utf8'));
  }
}

function parsed(grammar: Grammar, text: string): Outline | string {
  try {
    return outlineOf(grammar, text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return TOO_DEEP;
  }
}

import { symbolId } from '../symbol-id.ts';
import { type Language, languageOfPath } from './languages.ts';
import type { OutlinedFile } from './structure-facts.ts';

/** Names so short, or so common, that they say nothing of what they mean. */
const SHORTEST = 3;
const COMMON = new Set([
  'get',
  'set',
  'new',
  'init',
  'main',
  'run',
  'test',
  'print',
  'len',
  'str',
  'int',
  'main',
  'echo',
  'exit',
]);

interface Candidate {
  id: string;
  path: string;
}

/** What goes by which name in the files of a workspace. */
export class NamedSymbols {
  /** By language and last name; callable things alone. */
  readonly #callable = new Map<string, Candidate[]>();
  /** Paths, and without their extension by language. */
  readonly #paths = new Map<string, string>();
  readonly #bySuffix = new Map<string, string | null>();

  constructor(files: Iterable<OutlinedFile>) {
    for (const { state, language, outline } of files) {
      const bare = state.path.replace(/\.[^./]+$/, '');
      this.#paths.set(state.path, state.path);
      const key = `${language.name}\0${bare}`;
      if (!this.#paths.has(key)) this.#paths.set(key, state.path);
      const suffix = `${language.name}\0${bare.slice(bare.lastIndexOf('/') + 1)}`;
      this.#bySuffix.set(suffix, this.#bySuffix.has(suffix) ? null : state.path);
      for (const { kind, names } of outline.declared) {
        if (kind === 'variable' || kind === 'typeAlias') continue;
        const named = `${language.name}\0${names.at(-1) ?? ''}`;
        const same = this.#callable.get(named) ?? [];
        const id = symbolId(state.path, names);
        if (!same.some((one) => one.id === id)) same.push({ id, path: state.path });
        this.#callable.set(named, same);
      }
    }
  }

  /** The only declaration that a call of this name may mean; null for none, and where there are several. */
  called(language: Language, name: string, from: string): { id: string; isLocal: boolean } | null {
    if (name.length < SHORTEST || COMMON.has(name)) return null;
    const all = this.#callable.get(`${language.name}\0${name}`) ?? [];
    const own = all.filter(({ path }) => path === from);
    const [found, ...others] = own.length > 0 ? own : all;
    return found && others.length === 0 ? { id: found.id, isLocal: own.length > 0 } : null;
  }

  /** What a file imports: a file of the workspace, where one can be told, else something outside. */
  imported(language: Language, text: string, from: string): string {
    for (const path of language.importedPaths(text, from)) {
      const found = path.startsWith('**/') ? this.#below(language, path.slice(3)) : this.#at(language, path);
      if (found !== null && found !== from) return `file:${found}`;
    }
    return `external:${text.replace(/^["'<]|[">']$/g, '')}`;
  }

  #at({ name }: Language, path: string): string | null {
    return this.#paths.get(path) ?? this.#paths.get(`${name}\0${path}`) ?? null;
  }

  /** The only file of this name whose path ends so. */
  #below({ name }: Language, path: string): string | null {
    const found = this.#bySuffix.get(`${name}\0${path.slice(path.lastIndexOf('/') + 1)}`) ?? null;
    if (found === null || languageOfPath(found)?.name !== name) return null;
    return found.replace(/\.[^./]+$/, '').endsWith(path) ? found : null;
  }
}

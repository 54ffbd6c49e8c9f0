import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';

interface RuleParts {
  root: string;
  watchPaths: readonly string[];
  ignorePatterns: readonly string[];
  honourGitignore: boolean;
}

/** What is not watched. A directory above a path has to be asked for first: what is below one that is ignored is so, too. */
export class IgnoreRules {
  readonly #parts: RuleParts;
  readonly #matches: (path: string) => boolean;
  /** By directory; null where there are no rules. */
  readonly #ofDirectory = new Map<string, Ignore | null>();
  readonly #excluded: Ignore | null;

  constructor(parts: RuleParts) {
    this.#parts = parts;
    this.#matches =
      parts.ignorePatterns.length === 0 ? () => false : picomatch([...parts.ignorePatterns], { dot: true });
    this.#excluded = parts.honourGitignore ? readRules(join(parts.root, '.git/info/exclude')) : null;
  }

  /** @param path relative to the root, with forward slashes, and not empty */
  ignores(path: string, isDirectory: boolean): boolean {
    if (this.#byPattern(path, isDirectory)) return true;
    return this.#parts.honourGitignore && this.#byGit(isDirectory ? `${path}/` : path);
  }

  #byPattern(path: string, isDirectory: boolean): boolean {
    const within = this.#parts.watchPaths.flatMap((watched) =>
      path.startsWith(`${watched}/`) ? path.slice(watched.length + 1) : [],
    );
    return [path, ...within].some((one) => this.#matches(one) || (isDirectory && this.#matches(`${one}/x`)));
  }

  /** The rules of the nearest directory say last. */
  #byGit(path: string): boolean {
    let isIgnored = this.#excluded?.ignores(path) ?? false;
    const parts = path.replace(/\/$/, '').split('/');
    for (let depth = 0; depth < parts.length; depth += 1) {
      const directory = parts.slice(0, depth).join('/');
      const verdict = this.#rulesOf(directory)?.test(directory === '' ? path : path.slice(directory.length + 1));
      if (verdict?.ignored) isIgnored = true;
      else if (verdict?.unignored) isIgnored = false;
    }
    return isIgnored;
  }

  #rulesOf(directory: string): Ignore | null {
    const known = this.#ofDirectory.get(directory);
    if (known !== undefined) return known;
    const rules = readRules(join(this.#parts.root, directory, '.gitignore'));
    this.#ofDirectory.set(directory, rules);
    return rules;
  }
}

/** Null where there is no such file. What cannot be read says nothing, as for git. */
function readRules(file: string): Ignore | null {
  try {
    return ignore({ allowRelativePaths: false }).add(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

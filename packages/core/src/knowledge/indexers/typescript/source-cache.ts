import { hash } from 'node:crypto';
import ts from 'typescript';

interface Parsed {
  text: string;
  file: ts.SourceFile;
}

type Reading = ts.ScriptTarget | ts.CreateSourceFileOptions;

/** Files as they were parsed last, by path and by how they are read. What did not change is not parsed again. */
export class SourceCache {
  readonly #parsed = new Map<string, Parsed>();
  /** Absolute paths of files that could not be parsed: they stand empty in the programs. */
  readonly broken = new Set<string>();

  /**
   * A host that reads by this cache.
   * @param resolved is told where imports lead
   * @param isOwn whether somebody wants to know what a file says of itself: comments of others are not parsed
   * @param isSame whether a file is known to be what it was when it was parsed, so that nobody need look
   */
  hostFor(
    options: ts.CompilerOptions,
    resolved: Map<string, Map<string, string | null>>,
    isOwn: (name: string) => boolean,
    isSame: (name: string) => boolean = () => false,
  ): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    const resolutions = ts.createModuleResolutionCache(host.getCurrentDirectory(), (name) => name, options);
    host.getSourceFile = (name, asked) => {
      const how = isOwn(name) ? asked : withoutComments(asked);
      const known = isSame(name) ? this.#parsed.get(keyOf(name, how)) : undefined;
      if (known) return known.file;
      const text = host.readFile(name);
      return text === undefined ? undefined : this.#file(name, text, how);
    };
    host.resolveModuleNameLiterals = (literals, from, redirected, settings, file) => {
      const ofFile = resolved.get(from) ?? new Map<string, string | null>();
      resolved.set(from, ofFile);
      return literals.map((literal) => {
        const mode = ts.getModeForUsageLocation(file, literal, settings);
        const found = ts.resolveModuleName(literal.text, from, settings, host, resolutions, redirected, mode);
        ofFile.set(literal.text, found.resolvedModule?.resolvedFileName ?? null);
        return found;
      });
    };
    return host;
  }

  /** Nested so deeply that the parser has no room, as no person writes it, a file is taken for an empty one. */
  #parse(name: string, text: string, how: Reading): ts.SourceFile {
    try {
      // Who is whose parent the checker says.
      const file = ts.createSourceFile(name, text, how);
      this.broken.delete(name);
      return file;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.broken.add(name);
      return ts.createSourceFile(name, '', how);
    }
  }

  #file(name: string, text: string, how: Reading): ts.SourceFile {
    const key = keyOf(name, how);
    const known = this.#parsed.get(key);
    if (known?.text === text) return known.file;
    const file = this.#parse(name, text, how);
    // What a program reuses it knows by its version.
    Object.assign(file, { version: hash('sha256', text) });
    this.#parsed.set(key, { text, file });
    return file;
  }
}

function withoutComments(how: Reading): Reading {
  const options = typeof how === 'object' ? how : { languageVersion: how };
  return { ...options, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
}

function keyOf(name: string, how: Reading): string {
  if (typeof how !== 'object') return `${name}\0${how}`;
  return `${name}\0${how.languageVersion} ${how.impliedNodeFormat} ${how.jsDocParsingMode}`;
}

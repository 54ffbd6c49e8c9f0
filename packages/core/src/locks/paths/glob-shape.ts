/**
 * A glob as far as overlap needs to know it. Each part of the path is a list of characters, of which `any` stands for one
 * and `star` for any number; `globstar` stands for any number of parts. What cannot be understood is taken for more than
 * it is, never for less.
 */
export type Token = 'any' | 'star' | { char: string };
export type Part = 'globstar' | readonly Token[];
export type GlobShape = readonly Part[];

/** Alternatives that braces are written out to at most; beyond, the glob is cut off where they begin. */
const MOST_ALTERNATIVES = 64;
/** Where these occur the whole glob may mean anything. */
const UNREADABLE = /[|"]/;
/** Extended globs, and what a regular expression may make of them; the glob is cut off in front of the part. */
const OPAQUE = /[(){}!+@^$]/;

/** All that a glob in picomatch's syntax may match. */
export function shapesOf(glob: string): GlobShape[] {
  if (UNREADABLE.test(glob)) return [['globstar']];
  return expandBraces(glob).map(shapeOf);
}

/** A name taken to the letter: the file, or the directory with all below it. */
export function literalShape(path: string): GlobShape {
  const parts = path === '.' ? [] : path.split('/').map((part) => part.split('').map((char) => ({ char })));
  return [...parts, 'globstar'];
}

function shapeOf(glob: string): GlobShape {
  const parts: Part[] = [];
  for (const text of glob.split('/')) {
    if (text === '' || text === '.') continue;
    const tokens = tokensOf(text);
    // A class or group that is not closed in its own part may close in a later one, and take in the slash between.
    if (tokens === null) return [...parts, 'globstar'];
    parts.push(text.includes('**') ? 'globstar' : tokens);
  }
  return parts;
}

/** Null where the part cannot be understood. */
function tokensOf(text: string): Token[] | null {
  if (OPAQUE.test(text.replace(/\\./g, ''))) return null;
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string;
    if (char === '\\') {
      const escaped = text[at + 1];
      if (escaped === undefined) return null;
      tokens.push({ char: escaped });
      at += 2;
    } else if (char === '[') {
      const end = text.indexOf(']', at + 1);
      // A range may hold the slash, and a negated class does.
      if (end <= at + 1 || !/^\w+$/.test(text.slice(at + 1, end))) return null;
      tokens.push('any');
      at = end + 1;
    } else {
      tokens.push(char === '*' ? 'star' : char === '?' ? 'any' : { char });
      at += 1;
    }
  }
  return tokens;
}

/** `a{b,c}d` → `abd`, `acd`; nested ones too. A group that is no list of alternatives stays, and is opaque later. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = firstGroup(next);
    if (group === null) {
      done.push(next);
      continue;
    }
    for (const alternative of group.alternatives) open.push(group.before + alternative + group.after);
    if (open.length + done.length > MOST_ALTERNATIVES) return [`${glob.slice(0, glob.indexOf('{'))}(`];
  }
  return done;
}

function firstGroup(glob: string): { before: string; alternatives: string[]; after: string } | null {
  const start = glob.indexOf('{');
  // Escapes and extended globs around braces are left to be opaque.
  if (start < 0 || /[\\()]/.test(glob)) return null;
  const alternatives: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < glob.length; at++) {
    const char = glob[at];
    if (char === '{') depth++;
    else if (char === ',' && depth === 1) {
      alternatives.push(glob.slice(from, at));
      from = at + 1;
    } else if (char === '}' && --depth === 0) {
      alternatives.push(glob.slice(from, at));
      if (alternatives.length < 2) return null;
      return { before: glob.slice(0, start), alternatives, after: glob.slice(at + 1) };
    }
  }
  return null;
}

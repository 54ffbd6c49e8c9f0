/** A version that yarn settled, and for which asks: `lodash@^4.0.0`. */
export interface YarnEntry {
  asked: string[];
  version: string;
  /** As it is called where it comes from: `lodash@npm:4.17.21`; null where that is not said. */
  resolution: string | null;
  integrity: string | null;
  dependencies: Record<string, string>;
}

/** UTF-16 units of a line; longer ones were written by nobody's yarn. */
const MOST_LINE = 20_000;
const WORD = /"((?:[^"\\]|\\.)*)"|([^\s",:]\S*?)(?=,? |,?$)/y;

/** Entries of a lock file of yarn 1, which is a format of its own; or what is wrong with it. */
export function readYarnClassic(text: string): YarnEntry[] | string {
  const entries: YarnEntry[] = [];
  let within = '';
  for (const [n, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\s+$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const wrong = `line ${n + 1}: is not as yarn writes it`;
    if (line.length > MOST_LINE) return wrong;
    const depth = line.length - line.trimStart().length;
    const entry = entries.at(-1);
    const isHead = line.endsWith(':');
    const words = wordsOf(line.slice(depth, isHead ? -1 : undefined));
    if (words === null) return wrong;
    if (depth === 0 && isHead) {
      entries.push({ asked: words, version: '', resolution: null, integrity: null, dependencies: {} });
      within = '';
    } else if (entry && depth === 2) {
      const [field = '', value = ''] = words;
      within = isHead ? field : '';
      if (!isHead && words.length !== 2) return wrong;
      if (field === 'version') entry.version = value;
      if (field === 'integrity') entry.integrity = value;
    } else if (entry && depth === 4 && within !== '' && words.length === 2) {
      const [name = '', range = ''] = words;
      if (/^(?:optionalD|d)ependencies$/.test(within)) entry.dependencies[name] = range;
    } else return wrong;
  }
  const unsettled = entries.find(({ version }) => version === '');
  return unsettled ? `${unsettled.asked[0]}: has no version` : entries;
}

/** Words of a line, in quotes where they have to be; commas may stand between them. Null for what is none. */
function wordsOf(line: string): string[] | null {
  const found: string[] = [];
  for (let at = 0; at < line.length; ) {
    WORD.lastIndex = at;
    const [whole, quoted, bare] = WORD.exec(line) ?? [];
    if (whole === undefined) return null;
    found.push(bare ?? (quoted ?? '').replace(/\\(.)/g, '$1'));
    at += whole.length;
    const [between = ''] = /^(?:, ?| )?/.exec(line.slice(at, at + 2)) ?? [];
    if (at < line.length && between === '') return null;
    at += between.length;
  }
  return found.length === 0 ? null : found;
}

import { diffArrays } from 'diff';
import type { DeclaredSymbol } from './code-users.ts';

/** What becomes of something that is declared. */
export interface SymbolChange {
  symbol: DeclaredSymbol;
  changeType: 'modify' | 'delete';
  /** Whether those that use it may have to change with it. */
  signatureChange: boolean;
}

/** Half-open range of UTF-16 units of the text before. */
type Range = readonly [start: number, end: number];

/** Lines that come or go; beyond that the search for the fewest is given up, since it takes time and memory in their square. */
const MOST_EDITS = 2_000;

/**
 * What an edit changes of what a file declares: each symbol in whose text something changes, but not those around one that all of a
 * change stands in. Tells also whether anything changes outside of all of them. Pure.
 */
export function changedSymbols(
  symbols: readonly DeclaredSymbol[],
  before: string,
  after: string,
): { changes: SymbolChange[]; outside: boolean } {
  const ranges = changedRanges(before, after);
  const hit = new Set<DeclaredSymbol>();
  let outside = false;
  for (const range of ranges) {
    const around = symbols.filter((symbol) => meets(symbol, range));
    const inner = around.filter((symbol) => !around.some((other) => isWithin(other, symbol) && holds(other, range)));
    for (const symbol of inner) hit.add(symbol);
    if (!around.some((symbol) => holds(symbol, range))) outside = true;
  }
  const text = plain(after);
  const changes = [...hit].map((symbol): SymbolChange => {
    const last = symbol.name.split('.').at(-1) ?? symbol.name;
    return {
      symbol,
      changeType: namesIt(after, last) ? 'modify' : 'delete',
      signatureChange: symbol.signature !== '' && !text.includes(symbol.signature),
    };
  });
  return { changes, outside };
}

/** All that a file declares, where nobody can tell what of it changes. */
export function allChanged(symbols: readonly DeclaredSymbol[]): SymbolChange[] {
  return symbols.map((symbol) => ({ symbol, changeType: 'modify', signatureChange: false }));
}

function changedRanges(before: string, after: string): Range[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const ranges: Range[] = [];
  const parts = diffArrays(old, fresh, { maxEditLength: MOST_EDITS });
  if (!parts) return [replacedPart(0, before, after)];
  let at = 0;
  for (const [n, { added, removed, value }] of parts.entries()) {
    const text = value.join('');
    const previous = parts[n - 1];
    const next = parts[n + 1];
    if (removed) ranges.push(next?.added ? replacedPart(at, text, next.value.join('')) : withoutBlanks(at, text));
    else if (added && !previous?.removed) ranges.push([at, at]);
    if (!added) at += text.length;
  }
  return ranges;
}

/** What of a text differs from the one that comes in its place, at least one unit. */
function replacedPart(at: number, text: string, fresh: string): Range {
  const most = Math.min(text.length, fresh.length);
  let same = 0;
  while (same < most && text[same] === fresh[same]) same += 1;
  let end = 0;
  while (end < most - same && text.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  const start = Math.max(0, Math.min(same, text.length - end - 1));
  return [at + start, at + Math.max(text.length - end, start + 1)];
}

function withoutBlanks(at: number, text: string): Range {
  const start = at + text.length - text.trimStart().length;
  return [start, Math.max(start, at + text.trimEnd().length)];
}

/** Each with its end of line. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function meets({ start, end }: DeclaredSymbol, [from, to]: Range): boolean {
  return from === to ? start < from && from < end : start < to && from < end;
}

function holds({ start, end }: DeclaredSymbol, [from, to]: Range): boolean {
  return from === to ? start < from && from < end : start <= from && to <= end;
}

function isWithin(inner: DeclaredSymbol, outer: DeclaredSymbol): boolean {
  const isAround = outer.start <= inner.start && inner.end <= outer.end;
  return inner !== outer && isAround && inner.end - inner.start < outer.end - outer.start;
}

function namesIt(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replace(/[^\w$]/g, '\\$&')}(?![\\w$])`).test(text);
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ');
}

import type { RawEdge } from '../../edges/raw-edge.ts';
import type { KnownSymbol } from '../../imports/known-symbols.ts';
import { docLinkConfidence, isTellingName } from '../../noise/keep-findings.ts';
import type { NoiseSettings } from '../../noise/noise-settings.ts';
import type { FileFacts } from '../file-facts.ts';
import { documentedBy } from './document-edges.ts';

/** A name that more symbols have than this tells of none of them. */
const MOST_NAMESAKES = 3;

/** DOCUMENTED_BY from each symbol that a document names often enough, or by a telling name (KG-152), to where it does. */
export function resolveMentions(
  { path, mentions = [] }: FileFacts,
  symbols: readonly KnownSymbol[],
  noise: NoiseSettings,
): RawEdge[] {
  const byName = new Map<string, KnownSymbol[]>();
  for (const symbol of symbols) {
    for (const name of new Set([symbol.name, symbol.name.replace(/^.*\./, '')])) {
      byName.set(name, [...(byName.get(name) ?? []), symbol]);
    }
  }
  const counts = new Map<string, number>();
  for (const { name } of mentions) counts.set(name, (counts.get(name) ?? 0) + 1);
  const said = new Set<string>();
  return mentions.flatMap(({ name, ...where }) => {
    const named = byName.get(name) ?? [];
    const sure = isTellingName(name, noise) ? docLinkConfidence(name, counts.get(name) ?? 0, noise) : null;
    if (sure === null || named.length > MOST_NAMESAKES) return [];
    return named.flatMap(({ id }) => {
      const key = JSON.stringify([id, where.sectionAnchor]);
      if (said.has(key)) return [];
      said.add(key);
      const evidence = [{ type: 'snippet', value: name }];
      return [{ ...documentedBy(path, id, where), evidence, inferred: true, confidence: sure / named.length }];
    });
  });
}

/** A symbol that the graph knows, as far as reports can name it. */
export interface KnownSymbol {
  id: string;
  path: string;
  /** Qualified by what it stands in: `Invoice.total`. */
  name: string;
  kind: string;
  /** From 1; null where it is not known where it stands. */
  line: number | null;
  endLine: number | null;
}

/** What stands at a line: the innermost symbol that has it; undefined where none does. */
export function symbolAt(symbols: readonly KnownSymbol[], line: number): KnownSymbol | undefined {
  let best: KnownSymbol | undefined;
  for (const one of symbols) {
    if (one.line === null || one.endLine === null || one.line > line || one.endLine < line) continue;
    if (!best || one.endLine - one.line < extent(best)) best = one;
  }
  return best;
}

function extent({ line, endLine }: KnownSymbol): number {
  return (endLine ?? 0) - (line ?? 0);
}

/**
 * Finds the symbol that a tool calls by its bare name and where it begins; by its name alone where only one has it. Made once for the symbols
 * of a file: a report names as many of them as it likes.
 */
export function symbolsByName(
  symbols: readonly KnownSymbol[],
): (named: string, line: number | null) => KnownSymbol | undefined {
  const byLastName = Map.groupBy(symbols, ({ name }) => lastName(name));
  return (named, line) => {
    const same = (byLastName.get(lastName(named)) ?? []).filter(
      ({ name }) => name === named || name.endsWith(`.${named}`),
    );
    const at = (place: number) => same.find((one) => one.line === place);
    const near = line === null ? undefined : (at(line) ?? at(line - 1) ?? at(line + 1));
    return near ?? (same.length === 1 ? same[0] : undefined);
  };
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

import picomatch from 'picomatch';
import type { CodeRule } from './code-rule.ts';

/** That a path is code of a service, and by which rule. */
export interface CodeOwner {
  path: string;
  service: string;
  because: string;
}

/** Whose code paths are. Several services may own the same: each can break. @param packageOf the package that a path is part of */
export function codeOwners(
  rules: readonly CodeRule[],
  paths: readonly string[],
  packageOf: ReadonlyMap<string, string>,
): CodeOwner[] {
  const matching = rules.map((rule) => ({ rule, matches: picomatch(rule.pattern, { dot: true }) }));
  return paths.flatMap((path) => {
    const found = matching.filter(({ rule, matches }) => {
      const name = rule.kind === 'path' ? path : packageOf.get(path);
      return name !== undefined && matches(name);
    });
    // A service is named once for a path, whatever its rules.
    const services = Map.groupBy(found, ({ rule }) => rule.service);
    return [...services].map(([service, [first]]) => ({
      path,
      service,
      because: `${first?.rule.kind} ${first?.rule.pattern}`,
    }));
  });
}

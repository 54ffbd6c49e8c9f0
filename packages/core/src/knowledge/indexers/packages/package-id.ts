/** The entity that imports of a package lead to. @param version of one that stands beside the one that is found first */
export function packageId(name: string, version: string | null = null): string {
  return version === null ? `external:${name}` : `external:${name}@${version}`;
}

/** `@types/a__b` says what `@a/b` is. */
export function typedPackage(name: string): string {
  const [, bare] = /^@types\/(.+)$/.exec(name) ?? [];
  if (bare === undefined) return name;
  return bare.includes('__') ? `@${bare.replace('__', '/')}` : bare;
}

/** The entity that imports of a package lead to. @param version of one that stands beside the one that is found first */
export function packageId(name: string, version: string | null = null): string {
  return version === null ? `external:${name}` : `external:${name}@${version}`;
}

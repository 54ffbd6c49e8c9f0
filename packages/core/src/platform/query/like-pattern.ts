/** The pattern that finds `text` as it stands: the wildcards in it lose their meaning. */
export function substringPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** PostgreSQL refuses a pattern whose last backslash escapes nothing. */
export function isCompletePattern(pattern: string): boolean {
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return trailing % 2 === 0;
}

/** What git said, without how it was called. */
export function gitReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^git .*? ended with \d+(: )?/s, '')
    .replaceAll(/^hint: .*\n?/gm, '')
    .trim();
}

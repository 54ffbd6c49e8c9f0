/** Arguments that say what a call is about, in the order in which they are looked for. */
const TELLING = ['command', 'filePath', 'file_path', 'path', 'pattern', 'query', 'url', 'description', 'prompt'];

/** One line for the arguments of a tool call. */
export function toolSummary(args: Readonly<Record<string, unknown>>): string {
  for (const name of TELLING) {
    const value = args[name];
    if (typeof value === 'string' && value !== '') return value.replaceAll(/\s+/g, ' ');
  }
  const entries = Object.entries(args);
  if (entries.length === 0) return '';
  return entries
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

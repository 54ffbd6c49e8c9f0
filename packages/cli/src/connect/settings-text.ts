/** JSON that people write by hand: what is added keeps to their indentation and to their last line. */
export interface JsonText {
  value: Record<string, unknown>;
  write(value: Record<string, unknown>): string;
}

/** @throws SyntaxError where it is no JSON object; @param text null where there is no file yet. */
export function jsonText(text: string | null): JsonText {
  const value: unknown = text === null || text.trim() === '' ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('it is no JSON object');
  const indent = /\n([ \t]+)\S/.exec(text ?? '')?.[1] ?? '  ';
  const end = text === null || text.endsWith('\n') ? '\n' : '';
  const newline = text?.includes('\r\n') ? '\r\n' : '\n';
  return {
    value: value as Record<string, unknown>,
    write: (changed) => `${JSON.stringify(changed, null, indent)}${end}`.replaceAll('\n', newline),
  };
}

export function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

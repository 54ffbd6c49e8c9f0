import { UsageError } from '../usage-error.ts';

/** The bytes with a change to the text they are. @throws UsageError where the text is not what it should be */
export function changedText(path: string, before: Buffer | null, change: (text: string | null) => string): Buffer {
  try {
    return Buffer.from(change(before?.toString('utf8') ?? null), 'utf8');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(
      `${path} cannot be read as JSON (${error.message}). Mend it, then try again; nothing was changed.`,
    );
  }
}

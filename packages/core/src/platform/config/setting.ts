import type { z } from 'zod';

/** How the text of a variable or flag becomes the value that the schema checks. Lists are separated by commas. */
export type SettingForm = 'text' | 'number' | 'boolean' | 'list' | 'json';

/** One setting: its name is its dotted path in the file, its variable follows from the name unless it is fixed here. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly form: SettingForm;
  readonly default: z.output<Schema>;
  /** One sentence for `signalbox doctor` and the reference, with the unit. */
  readonly about: string;
  /** Environment variable, where it is not `SIGNALBOX_` and the name in capitals. */
  readonly variable?: string;
  /** Never shown: `secret` not at all, `url` without its password. */
  readonly hidden?: 'secret' | 'url';
}

/** Makes a {@link Setting}; exists so that the type of the value follows from the schema. */
export function setting<Schema extends z.ZodType>(made: Setting<Schema>): Setting<Schema> {
  return made;
}

/** `runtimes.opencode.program` → `SIGNALBOX_RUNTIMES_OPENCODE_PROGRAM`, `dataDir` → `SIGNALBOX_DATA_DIR`. */
export function variableOf(name: string, fixed: string | undefined): string {
  if (fixed) return fixed;
  return `SIGNALBOX_${name
    .replace(/\./g, '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()}`;
}

/** What is wrong with a text stays in it: the schema then says so, with the text that was given. */
export function parseText(form: SettingForm, text: string): unknown {
  switch (form) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      if (/^(true|1|yes|on)$/i.test(text.trim())) return true;
      return /^(false|0|no|off)$/i.test(text.trim()) ? false : text;
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'json':
      return parseJson(text);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

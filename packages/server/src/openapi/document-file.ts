import { openApiDocument } from './document.ts';

/** Where the committed document lies; the client is generated from it. */
export const DOCUMENT_FILE: URL = new URL('../../../client/openapi.json', import.meta.url);

export function documentText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../contract/api.ts';
import { openApiDocument } from './document.ts';
import { DOCUMENT_FILE, documentText } from './document-file.ts';

describe('the OpenAPI document', () => {
  it('is committed as the contract makes it (else run `npm run openapi`)', () => {
    expect(readFileSync(DOCUMENT_FILE, 'utf8')).toBe(documentText());
  });

  it('names every operation once', () => {
    const ids = OPERATIONS.map((operation) => operation.id);
    expect(new Set(ids).size).toBe(ids.length);
    const places = OPERATIONS.map((operation) => `${operation.method} ${operation.path}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it('refers only to components that it holds, and leaves none out', () => {
    const document = openApiDocument();
    const text = JSON.stringify(document);
    const held = Object.keys((document.components as { schemas: object }).schemas);
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]));
    expect([...used].filter((name) => !held.includes(name as string))).toEqual([]);
    expect(text).not.toMatch(/__shared|\$defs|"wire"/);
  });

  it('gives every body an example that its own schema takes, or needs none', () => {
    for (const operation of OPERATIONS) {
      if (!operation.body) continue;
      if (operation.example === undefined) continue;
      expect(operation.body.safeParse(operation.example), operation.id).toMatchObject({ success: true });
    }
  });
});

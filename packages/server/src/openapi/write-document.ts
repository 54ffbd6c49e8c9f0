import { writeFileSync } from 'node:fs';
import { DOCUMENT_FILE, documentText } from './document-file.ts';

/** `npm run openapi`: writes the document from which the client is generated. */
writeFileSync(DOCUMENT_FILE, documentText());
console.log(`Wrote ${DOCUMENT_FILE.pathname}`);

export { createServer, type ServerFacts, type ServerOptions, type SignalboxServer } from './create-server.ts';
export { API_BASE, openApiDocument } from './openapi/document.ts';
export { SERVER_VERSION } from './version.ts';

export type { Logger } from 'pino';
export { createLogger, type LoggerOptions } from './logger.ts';
export { isSecretName, REDACTED, redact, redactText } from './redact.ts';

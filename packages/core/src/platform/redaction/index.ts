export { redact, redactor, redactPlain, redactSerialised, redactText } from './process-redactor.ts';
export { REDACTED, Redactor } from './redactor.ts';
export { isSecretName } from './secret-names.ts';
export type { StreamRedactor } from './stream-redactor.ts';

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Field names whose text is secret, compared in lower case without `-` and `_`; also as endings (`openaiApiKey`). */
const SECRET_NAMES = [
  'token',
  'secret',
  'password',
  'passwd',
  'passphrase',
  'authorization',
  'apikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'credential',
  'credentials',
  'cookie',
];
/** Our own names that end like secrets and are none. */
const HARMLESS_NAMES = new Set(['fencingtoken', 'claimtoken']);

/**
 * Secrets that are recognised by their looks, wherever they stand. What precedes the secret itself is kept. Whatever may be
 * looked at in vain is bounded, so that no text takes quadratic time.
 */
const SECRET_TEXTS: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(Bearer\s+|Basic\s+)[\w.~+/-]{8,}=*/gi,
  /()\bsk-[\w-]{16,}/g,
  /()\bsbx_[\w-]{16,}/g,
  /()\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_\w{20,}|xox[abposr]-[\w-]{10,})/g,
  /()\bAKIA[0-9A-Z]{16}\b/g,
  /()\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,}\.[\w-]+/g,
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,200}:)[^\s@/"']{1,200}(?=@)/gi,
  // SOME_TOKEN=value, as in environments; then "password": "value" and token=value1, but not code like `token = next()`.
  /(\b[A-Z][A-Z0-9_]{0,60}(?:PASSWORD|SECRET|TOKEN|API_?KEY)\s?[=:]\s?["']?)(?!\[redacted\])[^\s"',;&(){}[\]\\]{6,}/g,
  /((?:password|passwd|secret|token|api[_-]?key)\\?["']?\s?[=:]\s?\\?["'])(?!\[redacted\])[^\s"'\\]{6,}(?=\\?["'])/gi,
  /((?:password|passwd|secret|token|api[_-]?key)=)(?=[^\s"',;&(){}[\]\\]{0,200}\d)[^\s"',;&(){}[\]\\]{6,}/gi,
];

/** Cheap first look: a text without any of these words holds nothing that the rules above know. */
const SUSPICIOUS =
  /token|secret|passw|passphrase|authorization|key|credential|cookie|bearer|basic|sk-|sbx_|gh[pousr]_|github_pat|glpat|npm_|xox|AKIA|eyJ|:\/\//i;

/** The text with every secret it shows replaced by {@link REDACTED}. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let clean = text;
  for (const pattern of SECRET_TEXTS) clean = clean.replace(pattern, `$1${REDACTED}`);
  return clean;
}

/** Whether text under this field name is secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return !HARMLESS_NAMES.has(plain) && SECRET_NAMES.some((secret) => plain.endsWith(secret));
}

/**
 * A copy of a JSON value without its secrets: all text under a secret name, and text that looks like a secret anywhere.
 * Numbers and booleans stay (`totalTokens: 12` tells nothing). Use it before anything goes to journal, log or audit.
 */
export function redact<T>(value: T): T {
  return clean(value, false) as T;
}

/** {@link redact} for a value whose JSON text is at hand: values without a suspicious word are not copied. */
export function redactSerialised<T>(value: T, text: string): T {
  return SUSPICIOUS.test(text) ? redact(value) : value;
}

function clean(value: unknown, secret: boolean): unknown {
  if (typeof value === 'string') return secret && value !== '' ? REDACTED : redactText(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, secret));
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, clean(item, secret || isSecretName(name))]),
  );
}

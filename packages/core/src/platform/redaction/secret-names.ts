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

/** Whether text under this field name is secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return !HARMLESS_NAMES.has(plain) && SECRET_NAMES.some((secret) => plain.endsWith(secret));
}

/** Endings of variables that hold secrets beside those of fields; as words of their own: `PWD` is a directory, `MONKEY` no key. */
const SECRET_VARIABLE = /(?:^|_)(?:KEY|PASS|PW|PAT|DSN|AUTH|SIGNATURE)$/;
/** Variables that name a place and no secret. */
const HARMLESS_VARIABLES = new Set(['GOOGLE_APPLICATION_CREDENTIALS', 'GIT_ASKPASS', 'SSH_ASKPASS']);

/** Whether the value of an environment variable of this name is secret. */
export function isSecretVariable(name: string): boolean {
  return !HARMLESS_VARIABLES.has(name) && (isSecretName(name) || SECRET_VARIABLE.test(name.toUpperCase()));
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSecretName, REDACTED, redact, redactSerialised, redactText } from './redact.ts';

describe('redaction', () => {
  test.each([
    ['Authorization: Bearer abcdefghijkl', `Authorization: Bearer ${REDACTED}`],
    ['auth: Basic dXNlcjpwYXNzd29yZA==', `auth: Basic ${REDACTED}`],
    ['key sk-abcdefghijklmnop1234 in text', `key ${REDACTED} in text`],
    ['key sk-proj-abc_def-0123456789 in text', `key ${REDACTED} in text`],
    ['made sbx_0123456789abcdefghij', `made ${REDACTED}`],
    ['ghp_0123456789abcdefghij0123', REDACTED],
    ['AKIAABCDEFGHIJKLMNOP.', `${REDACTED}.`],
    ['jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl ok', `jwt ${REDACTED} ok`],
    ['postgres://ada:hunter2@db:5432/x', `postgres://ada:${REDACTED}@db:5432/x`],
    ['PASSWORD=hunter2hunter2 make', `PASSWORD=${REDACTED} make`],
    ['OPENAI_API_KEY: "abcdef123456"', `OPENAI_API_KEY: "${REDACTED}"`],
    ['https://x/?api_key=abc123def&n=1', `https://x/?api_key=${REDACTED}&n=1`],
    ['{\\"token\\": \\"abcdefgh\\"}', `{\\"token\\": \\"${REDACTED}\\"}`],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nafter', `${REDACTED}\nafter`],
  ])('hides the secret in %j', (text, clean) => {
    expect(redactText(text)).toBe(clean);
    expect(redactText(clean)).toBe(clean);
  });

  test.each([
    'basically fine',
    'the token count was 12',
    'https://example.com/path?x=1',
    'see src/tokens.ts:12',
    'risk-averse, task-oriented',
    'a bearer of good news',
    'const token = nextToken();',
    'secret: createSecret(size)',
    'type Options = { password: string; token?: string }',
    'git@github.com:owner/repo.git',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('hides all text under a secret name, however deep, and keeps numbers', () => {
    expect(
      redact({
        apiKey: 'abc',
        headers: { 'X-Api-Key': 'abc', Cookie: ['a=1', 'b=2'] },
        credentials: { user: 'ada', attempts: 3 },
        openai_api_key: '',
        fencingToken: 'not secret',
        inputTokens: 12,
        token: 12,
        list: [{ password: 'x', name: 'ada' }],
        nothing: null,
      }),
    ).toEqual({
      apiKey: REDACTED,
      headers: { 'X-Api-Key': REDACTED, Cookie: [REDACTED, REDACTED] },
      credentials: { user: REDACTED, attempts: 3 },
      openai_api_key: '',
      fencingToken: 'not secret',
      inputTokens: 12,
      token: 12,
      list: [{ password: REDACTED, name: 'ada' }],
      nothing: null,
    });
    expect(['clientSecret', 'GITHUB_TOKEN', 'proxy-authorization'].every(isSecretName)).toBe(true);
    expect(['tokens', 'secretary', 'key', 'cookies_enabled'].some(isSecretName)).toBe(false);
  });

  test('keys that could poison a prototype stay plain keys', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}, "token": "x"}') as object;
    const clean = redact(value);
    expect(Object.hasOwn(clean, '__proto__')).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('JSON without secrets comes through as it was, and redacting twice is redacting once', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = redact(value);
        expect(redact(once)).toEqual(once);
        const text = JSON.stringify(value);
        if (!/key|token|secret|pass|auth|cred|cookie|bearer|basic|sk-|eyJ|:\/\//i.test(text))
          expect(once).toEqual(value);
        expect(redactSerialised(value, text)).toEqual(once);
      }),
    );
  });

  test('stays fast on long text made to be slow', () => {
    const nasty = [
      `${'a'.repeat(50_000)}://${'b'.repeat(50_000)}`,
      'Bearer '.repeat(20_000),
      'secret='.repeat(20_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(5_000),
      'eyJaaaaaaaa.'.repeat(10_000),
      '-eyJaaaaaaaa'.repeat(10_000),
      'secret="'.repeat(20_000),
      'A_'.repeat(50_000),
    ];
    const start = performance.now();
    for (const text of nasty) redactText(text);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomCases } from '../../testing/index.ts';
import { isSecretName, REDACTED, Redactor, redact, redactSerialised, redactText } from './index.ts';

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

  test.each([
    'sk-ant-api03-abcdefghijklmnop_0123456789',
    'xoxb-123456789012-abcdefghijkl',
    'ASIAABCDEFGHIJKLMNOP',
    `AIza${'a1B2c'.repeat(7)}`,
    'github_pat_11ABCDEFG0123456789_abcdef',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    `SG.${'a'.repeat(22)}.${'b'.repeat(43)}`,
  ])('knows %j by its looks', (secret) => expect(redactText(`with ${secret} in it`)).toBe(`with ${REDACTED} in it`));

  test('known values are hidden in every form in which they are written, and short ones are none', () => {
    const redactor = new Redactor();
    const secret = 'p"ss wörd/1';
    redactor.register(secret);
    redactor.register('short');
    const forms = [secret, JSON.stringify({ note: secret }), encodeURIComponent(secret), btoa('zzz')];
    expect(forms.map((form) => redactor.text(form))).toEqual([REDACTED, `{"note":"${REDACTED}"}`, REDACTED, 'enp6']);
    expect(redactor.text(Buffer.from(secret).toString('base64'))).toBe(REDACTED);
    expect(redactor.value({ [`${secret}!`]: 'a short note' })).toEqual({ [`${REDACTED}!`]: 'a short note' });
    expect(redactor.json(JSON.stringify([secret]))).toBe(`["${REDACTED}"]`);
  });

  test('takes the values of variables with secret names and passwords of addresses, line by line too', () => {
    const redactor = new Redactor();
    const lines = ['-----first line of it-----', 'the second line of the key'];
    redactor.registerEnvironment({
      DEPLOY_KEY: lines.join('\n'),
      SENTRY_DSN: 'looks-like-nothing',
      BROKER: 'amqp://ada:opensesame@mq:5672',
      API_TOKEN: 'true',
      PWD: '/home/ada/project',
      GOOGLE_APPLICATION_CREDENTIALS: '/etc/google/credentials.json',
      EDITOR: 'vim-is-an-editor',
    });
    const text = 'true vim-is-an-editor in /home/ada/project with /etc/google/credentials.json';
    expect(redactor.text(text)).toBe(text);
    for (const secret of [...lines, 'looks-like-nothing', 'opensesame']) {
      expect(redactor.text(`a ${secret} b`)).toBe(`a ${REDACTED} b`);
    }
  });

  test('hides what is encoded in an address', () => {
    const secret = 'ghp_0123456789abcdefghij0123';
    const url = `/api/x/a%20b?note=with%20${secret}&page=2&at=postgres%3A%2F%2Fada%3Aopen1@db&bad=%zz`;
    expect(new Redactor().url(url)).toBe(`/api/x/a%20b?note=${REDACTED}&page=2&at=${REDACTED}&bad=%zz`);
  });

  test('text in pieces comes out as the whole would, wherever it is cut', () => {
    const redactor = new Redactor();
    const known = ['horse battery staple', 'correct-horse'];
    for (const value of known) redactor.register(value);
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nMIIEabc\ndef\n-----END OPENSSH PRIVATE KEY-----';
    const secrets = [...known, key, 'sk-abcdefghijklmnop1234', 'Bearer abcdefghijkl', 'PASSWORD= hunter2hunter2'];
    const words = [
      ...secrets,
      'horse',
      '-----BEGIN',
      'plain',
      '...',
      '\n',
      'a b',
      'token: "abcdefgh"',
      'http://a:b1c2@d',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words)), fc.array(fc.nat({ max: 60 })), (parts, sizes) => {
        const text = parts.join(' ');
        const stream = redactor.stream();
        let told = '';
        let at = 0;
        for (const size of sizes) {
          told += stream.push(text.slice(at, at + size));
          at += size;
        }
        told += stream.push(text.slice(at)) + stream.end();
        expect(told).toBe(redactor.text(text));
      }),
      randomCases(),
    );
  });

  test('a stream says what it can at once, and is not held up by long words', () => {
    const stream = new Redactor().stream();
    expect(stream.push('one two\n')).toBe('one two\n');
    expect(stream.push('three fo')).toBe('three ');
    expect(stream.push('ur ')).toBe('four ');
    const long = 'sk-'.padEnd(30_000, 'a');
    expect(stream.push(long) + stream.push(`${'b'.repeat(100)} end`) + stream.end()).toBe(`${REDACTED} end`);
    const blob = 'x+'.repeat(20_000);
    expect(stream.push(blob) + stream.end()).toBe(blob);
  });

  test('comes to an end on long text made to be slow, and leaves what is no secret', () => {
    const nasty = [
      `${'a'.repeat(50_000)}://${'b'.repeat(50_000)}`,
      'Bearer '.repeat(20_000),
      'secret='.repeat(20_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(5_000),
      'eyJaaaaaaaa.'.repeat(10_000),
      '-eyJaaaaaaaa'.repeat(10_000),
      'secret="'.repeat(20_000),
    ];
    for (const text of nasty) expect(redactText(text)).not.toBe('');
    const harmless = 'A_'.repeat(50_000);
    expect(redactText(harmless)).toBe(harmless);
  });
});

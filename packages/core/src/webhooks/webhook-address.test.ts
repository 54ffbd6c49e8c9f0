import type { LookupAddress } from 'node:dns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomCases } from '../testing/random-cases.ts';
import { checkWebhookUrl, guardedLookup, refusedAddress } from './webhook-address.ts';

/** Ranges of IPv4 that are not public, as [first octets, what is left is any]. */
const PRIVATE_V4: [number, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
].map(([text, bits]) => [toNumber(String(text)), Number(bits)]);

function toNumber(dotted: string): number {
  return dotted.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
const octets = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const dotted = (n: number) => octets(n).join('.');
const hextets = (n: number) => `${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;

const privateV4 = fc
  .tuple(fc.constantFrom(...PRIVATE_V4), fc.integer({ min: 0, max: 0xffffffff }))
  .map(([[base, bits], any]) => (base + (bits === 32 ? 0 : any % 2 ** (32 - bits))) >>> 0);

/** Every way in which a URL can write an IPv4 address. */
const NOTATIONS: ((n: number) => string)[] = [
  dotted,
  (n) => `${dotted(n)}.`,
  (n) => String(n),
  (n) => `0x${n.toString(16)}`,
  (n) => `0${n.toString(8)}`,
  (n) =>
    octets(n)
      .map((octet) => `0${octet.toString(8)}`)
      .join('.'),
  (n) =>
    octets(n)
      .map((octet) => `0x${octet.toString(16)}`)
      .join('.'),
  (n) => `${n >>> 24}.${n & 0xffffff}`,
  (n) => `${n >>> 24}.${(n >>> 16) & 255}.${n & 0xffff}`,
  (n) => `[::ffff:${dotted(n)}]`,
  (n) => `[::ffff:${hextets(n)}]`,
  (n) => `[::${hextets(n)}]`,
  (n) => `[64:ff9b::${hextets(n)}]`,
  (n) => `[2002:${hextets(n)}::1]`,
  (n) => `[0:0:0:0:0:ffff:${hextets(n)}]`,
  (n) => dotted(n).replaceAll('.', '。'),
  (n) => dotted(n).replace(/\d/g, (digit) => `%3${digit}`),
];

describe('addresses of webhooks', () => {
  it('no private IPv4 address passes, in whatever notation', () => {
    fc.assert(
      fc.property(privateV4, fc.constantFrom(...NOTATIONS), (address, notation) => {
        const url = `https://${notation(address)}/hook`;
        expect(() => checkWebhookUrl(url, false), url).toThrow(/Nothing can be sent to this address/);
      }),
      randomCases(),
    );
  });

  it('no local IPv6 address passes', () => {
    const prefixes = ['fc00', 'fd12', 'fe80', 'febf', 'fec0', 'ff02', '2001:db8', '100', '4000', '5f00', '0'];
    const hextet = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), hextet, hextet, (prefix, a, b) => {
        expect(() => checkWebhookUrl(`https://[${prefix}::${a}:${b}]/`, false)).toThrow(/not a public address/);
      }),
      randomCases(),
    );
    for (const address of ['::', '::1', 'fd00:ec2::254', 'fe80::1%eth0', 'nonsense', '']) {
      expect(refusedAddress(address), address).not.toBeNull();
    }
  });

  it('public addresses pass, so that the check is not merely a no', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.0', '100.128.0.1', '2606:4700::1111']) {
      expect(refusedAddress(address), address).toBeNull();
    }
    expect(checkWebhookUrl('https://hooks.example.com/x?y=1', false).host).toBe('hooks.example.com');
  });

  it('takes https alone, and no credentials', () => {
    for (const url of [
      'http://example.com/',
      'ftp://example.com/',
      'file:///etc/passwd',
      'https://a:b@example.com/',
      'x',
    ]) {
      expect(() => checkWebhookUrl(url, false), url).toThrow(/Nothing can be sent/);
    }
    expect(checkWebhookUrl('http://127.0.0.1:1/', true).port).toBe('1');
  });

  it('judges what a name resolves to when it is connected to, also where one of several is private', async () => {
    const answers: LookupAddress[][] = [
      [{ address: '93.184.216.34', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
      [
        { address: '93.184.216.34', family: 4 },
        { address: '::ffff:169.254.169.254', family: 6 },
      ],
      [],
    ];
    const lookup = guardedLookup((_host, _options, done) => done(null, answers.shift() ?? []));
    const ask = (all: boolean) =>
      new Promise((resolve) => {
        lookup('rebinding.example', { all }, (error, address) => resolve(error ? 'refused' : address));
      });
    expect(await ask(false)).toBe('93.184.216.34');
    expect(await ask(true)).toBe('refused');
    expect(await ask(true)).toBe('refused');
    expect(await ask(false)).toBe('refused');
  });
});

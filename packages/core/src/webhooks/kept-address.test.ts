import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openAddress, sealAddress, shownAddress } from './kept-address.ts';
import { webhookKey } from './webhook-signing.ts';

const key = webhookKey('one');

describe('a kept address', () => {
  test('is opened with its key for its endpoint alone, and not once it is altered', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.nat(), fc.uuid(), (url, at, id) => {
        const sealed = sealAddress(key, id, url);
        expect(sealed).not.toContain(url);
        expect(openAddress(key, id, sealed)).toBe(url);
        expect(openAddress(key, `${id}x`, sealed)).toBeNull();
        expect(openAddress(webhookKey('two'), id, sealed)).toBeNull();
        const place = key.id.length + 1 + (at % (sealed.length - key.id.length - 2));
        const other = sealed[place] === 'A' ? 'B' : 'A';
        expect(openAddress(key, id, `${sealed.slice(0, place)}${other}${sealed.slice(place + 1)}`)).toBeNull();
      }),
    );
    expect(openAddress(key, 'x', '')).toBeNull();
    expect(openAddress(key, 'x', `${key.id}.AAAA`)).toBeNull();
  });

  test('is shown without what is secret in it', () => {
    const shown = (url: string) => shownAddress(url, 'standard');
    expect(shownAddress('https://hooks.slack.com/services/T0001/B0001/XyZ', 'slack')).toBe('https://hooks.slack.com/…');
    expect(shown('https://example.com:8443/hooks/signalbox')).toBe('https://example.com:8443/hooks/signalbox');
    expect(shown('https://example.com/in/a1b2c3d4e5f6a7b8c9?token=secret&x=1&x=2')).toBe(
      'https://example.com/in/…?token=…&x=…',
    );
  });
});

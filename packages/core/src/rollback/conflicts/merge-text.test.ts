import { describe, expect, test } from 'vitest';
import { mergeSettingsSchema } from './merge-settings.ts';
import { mergeText } from './merge-text.ts';

const settings = (given: object = {}) => mergeSettingsSchema.parse(given);

describe('texts (RB-139, RB-140)', () => {
  test('without a base each place goes to the current side; lines of the other are dropped and counted', () => {
    expect(mergeText(settings(), 'a\nb\nc\nd', 'a\nX\nY\nc\nZ')).toEqual({
      text: 'a\nb\nc\nd',
      droppedLines: 3,
      preferred: 2,
      side: 'current',
    });
  });

  test('with preferNewer off the other way round, penalised alike', () => {
    expect(mergeText(settings({ preferNewer: false }), 'a\nX\nY\nc', 'a\nb\nc')).toEqual({
      text: 'a\nb\nc',
      droppedLines: 2,
      preferred: 1,
      side: 'rollback',
    });
  });

  test('blank lines and the final newline stay', () => {
    expect(mergeText(settings(), '\na\n\n\nb\n', 'a\nb').text).toBe('\na\n\n\nb\n');
    expect(mergeText(settings(), 'a\n', 'a\n\nb\n', 'a\n').text).toBe('a\n\nb\n');
  });

  test('equal texts drop nothing', () => {
    expect(mergeText(settings(), 'a\nb', 'a\nb')).toMatchObject({ droppedLines: 0, preferred: 0 });
  });

  test('with a base both sides’ changes are kept, and only what both changed goes by preference', () => {
    const base = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
    const current = 'ONE\ntwo\nthree\nmine\nfive\nsix\nseven\n';
    const rollback = 'one\ntwo\nthree\ntheirs\nand more\nfive\nsix\nSEVEN\n';
    expect(mergeText(settings(), current, rollback, base)).toEqual({
      text: 'ONE\ntwo\nthree\nmine\nfive\nsix\nSEVEN\n',
      droppedLines: 2,
      preferred: 1,
      side: 'current',
    });
    expect(mergeText(settings({ preferNewer: false }), current, rollback, base)).toEqual({
      text: 'ONE\ntwo\nthree\ntheirs\nand more\nfive\nsix\nSEVEN\n',
      droppedLines: 1,
      preferred: 1,
      side: 'rollback',
    });
  });

  test('the same change on both sides is no conflict', () => {
    expect(mergeText(settings(), 'a\nB\nc', 'a\nB\nc', 'a\nb\nc')).toMatchObject({
      text: 'a\nB\nc',
      preferred: 0,
      droppedLines: 0,
    });
  });

  test('preferLarger keeps the longer text', () => {
    const larger = settings({ preferNewer: false, preferLarger: true });
    expect(mergeText(larger, 'a\nb\nlonger', 'a').side).toBe('current');
    expect(mergeText(larger, 'a', 'a\nb\nlonger').side).toBe('rollback');
  });
});

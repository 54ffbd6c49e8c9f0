import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { randomCases } from '../../testing/index.ts';
import { readJunit } from '../indexers/junit/read-junit.ts';
import type { TestRun } from '../indexers/junit/run-case.ts';
import { readLcov } from '../indexers/lcov/lcov.ts';
import { readSarif } from '../indexers/sarif/read-sarif.ts';
import type { CoverageReport } from '../indexers/test-coverage/covered-file.ts';
import { readOsv } from '../indexers/vulnerabilities/osv.ts';
import { readReport } from './read-report.ts';
import { MOST_REPORT_BYTES, type ReportFormat } from './report.ts';
import { readInThread } from './report-thread.ts';
import { CI_ROOT, reportFixture, sourceOf } from './testing/fixture.ts';

const read = (text: string | Uint8Array, format: ReportFormat | null = null, root: string | null = CI_ROOT) =>
  readReport({ bytes: Buffer.from(text), format, root, workspace: null });

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (error) {
    if (SignalboxError.is(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const lcovOf = (path: string) => `SF:${path}\nDA:1,1\nend_of_record\n`;
const junitOf = (file: string) => `<testsuite><testcase name="a" file="${file}"/></testsuite>`;
const resultsOf = (more: object) => {
  const result = { testId: '1', testSuite: 'a.test.js', testName: 'a', status: 'passed', duration: 1, ...more };
  return JSON.stringify({ testResults: [result] });
};
const sarifOf = (uri: string, more: object = {}) =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 't' } },
        results: [
          { message: { text: 'm' }, locations: [{ physicalLocation: { artifactLocation: { uri, ...more } } }] },
        ],
      },
    ],
  });

test.each([
  ['node-lcov.info', 'lcov'],
  ['node-junit.xml', 'junit'],
  ['vitest-junit.xml', 'junit'],
  ['biome.sarif', 'sarif'],
  ['npm-audit.json', 'npm-audit'],
])('the format of %s is seen from its contents', async (name, format) => {
  const text = reportFixture(name);
  expect((await read(text)).format).toBe(format);
  const plain = JSON.stringify((await read(text)).read);
  for (const same of [`\uFEFF${text}`, text.replaceAll('\n', '\r\n'), gzipSync(text)]) {
    expect((await read(same)).format).toBe(format);
    if (typeof same !== 'string' || same.startsWith('\uFEFF'))
      expect(JSON.stringify((await read(same)).read)).toBe(plain);
  }
});

describe('what is hostile or broken is refused by name', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const bomb = `<!DOCTYPE r [<!ENTITY a "${'x'.repeat(99)}"><!ENTITY b "${'&a;'.repeat(99)}">]><testsuite name="&b;"/>`;
  const outside = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite name="&a;"/>';
  test.each<[string, string | Uint8Array, ReportFormat | null, RegExp]>([
    ['what nobody knows', 'hello', null, /^GRAPH_REPORT_UNKNOWN.*junit, test-results, lcov/],
    ['JSON of another kind', '{"message":"405"}', null, /^GRAPH_REPORT_UNKNOWN/],
    ['JSON that is too deep', deep, null, /^GRAPH_REPORT_UNKNOWN/],
    ['SARIF that is too deep', deep, 'sarif', /^IMPORT_UNREADABLE.*deeper than 100/],
    ['SARIF that breaks off', '{"version":"2.1.0","runs":[', 'sarif', /^IMPORT_UNREADABLE.*no JSON/],
    ['SARIF of another version', '{"version":"1.0","runs":[]}', 'sarif', /^IMPORT_UNREADABLE.*version/],
    [
      'SARIF with a line below 1',
      sarifOf('a.js').replace('"artifactLocation"', '"region":{"startLine":0},"artifactLocation"'),
      'sarif',
      /^IMPORT_UNREADABLE.*startLine/,
    ],
    ['an XML bomb', bomb, null, /^IMPORT_UNREADABLE.*document type/],
    ['XML that asks for files', outside, null, /^IMPORT_UNREADABLE.*document type/],
    ['XML with an unknown entity', '<testsuite name="&a;"/>', 'junit', /^IMPORT_UNREADABLE/],
    ['XML that breaks off', '<testsuite><testcase name="a">', 'junit', /^IMPORT_UNREADABLE.*unclosed/i],
    ['XML that is too deep', '<testsuite>'.repeat(101), 'junit', /^IMPORT_UNREADABLE.*deeper than 100/],
    ['XML of another kind', '<project/>', 'junit', /^IMPORT_UNREADABLE.*<project>/],
    ['XML with NUL', '<testsuite name="\0"/>', 'junit', /^IMPORT_UNREADABLE.*NUL/],
    ['LCOV that breaks off', 'SF:a.js\nDA:1,1\n', 'lcov', /^IMPORT_UNREADABLE.*breaks off/],
    ['LCOV with a line of no meaning', 'SF:a.js\nDA:1;1\nend_of_record\n', 'lcov', /^IMPORT_UNREADABLE.*line 2/],
    [
      'LCOV with a count that is none',
      'SF:a.js\nDA:1,99999999999999999999\nend_of_record\n',
      'lcov',
      /^IMPORT_UNREADABLE.*line 2/,
    ],
    ['LCOV of nothing', 'TN:\n', 'lcov', /^IMPORT_UNREADABLE.*no file/],
    ['V8 coverage without sources', '{"result":[]}', 'v8-coverage', /^IMPORT_UNREADABLE.*workspace/],
    ['an audit that is none', '{"auditReportVersion":1}', null, /^IMPORT_UNREADABLE.*auditReportVersion/],
    ['results without a status', resultsOf({ status: undefined }), null, /^IMPORT_UNREADABLE.*testResults.0.status/],
    ['results of a status that is none', resultsOf({ status: 'ok' }), null, /^IMPORT_UNREADABLE.*testResults.0.status/],
    ['results with an unknown field', resultsOf({ took: 1 }), null, /^IMPORT_UNREADABLE.*took/],
    ['results that took less than no time', resultsOf({ duration: -1 }), null, /^IMPORT_UNREADABLE.*duration/],
    ['results of another kind', '{"testResults":[{"assertionResults":[]}]}', null, /^GRAPH_REPORT_UNKNOWN/],
    ['what gzip did not finish', gzipSync('SF:a').subarray(0, 12), null, /^IMPORT_UNREADABLE/],
    ['what gzip packed of too much', gzipSync(Buffer.alloc(100_000_000)), null, /^GRAPH_REPORT_TOO_LARGE.*33554432/],
    ['what is too large', Buffer.alloc(MOST_REPORT_BYTES + 1, 'x'), null, /^GRAPH_REPORT_TOO_LARGE/],
  ])('%s', async (_name, bytes, format, code) => {
    expect(await codeOf(read(bytes, format))).toMatch(code);
  });

  it('what takes too long to be read', async () => {
    const start = { bytes: Buffer.from(lcovOf('a.js')), format: null, root: null, workspace: null };
    expect(await codeOf(readInThread(start, systemClock, 1))).toMatch(/^GRAPH_REPORT_TOO_LARGE.*more time/);
    expect((await readInThread(start, systemClock)).format).toBe('lcov');
    // Nobody who takes a report says how long it may take: two minutes then.
    const later = (ms: number) => ({
      sleep: (asked: number) => (asked <= ms ? Promise.resolve() : new Promise<void>(() => undefined)),
    });
    expect(await codeOf(readInThread(start, later(120_000)))).toMatch(/^GRAPH_REPORT_TOO_LARGE.*more time/);
    expect((await readInThread(start, later(119_000))).format).toBe('lcov');
  });

  const away = [
    '../a.js',
    'src/../../a.js',
    '/etc/passwd',
    'C:\\Windows\\a.js',
    'file:///etc/passwd',
    '/ci/shopping/a.js',
    '/ci/shop/../a.js',
    '..\\a.js',
  ];
  test.each(away)('a path that leads to %s', async (path) => {
    for (const [text, format] of [
      [lcovOf(path), 'lcov'],
      [junitOf(path), 'junit'],
      [sarifOf(path), 'sarif'],
      // What is no file of code is a class.
      [resultsOf({ testSuite: path.replace(/passwd$/, 'passwd.js') }), 'test-results'],
    ] as const) {
      expect(await codeOf(read(text, format))).toMatch(/^GRAPH_REPORT_PATH.*root: \/ci\/shop/);
    }
  });

  it('takes the same paths within the repository, however they are written', async () => {
    for (const path of [
      'src/a.js',
      './src/a.js',
      '/ci/shop/src/a.js',
      'file:///ci/shop/src/a.js',
      'src\\a.js',
      'src/x/../a.js',
    ]) {
      expect((await read(lcovOf(path))).read).toMatchObject({ files: [{ path: 'src/a.js' }] });
      expect((await read(sarifOf(path))).read).toMatchObject({ findings: [{ path: 'src/a.js' }] });
    }
    expect((await read(lcovOf('C:/shop/src/a.js'), null, 'C:\\shop\\')).read).toMatchObject({
      files: [{ path: 'src/a.js' }],
    });
    const log = JSON.parse(sarifOf('src/a%20b.js', { uriBaseId: 'SRC' }));
    log.runs[0].originalUriBaseIds = { SRC: { uri: 'file:///ci/shop', uriBaseId: 'SRC' } };
    expect((await read(JSON.stringify(log))).read).toMatchObject({ findings: [{ path: 'src/a b.js' }] });
  });
});

it('tests of the same names come to the same names, whoever ran them', async () => {
  const names = async (name: string) =>
    ((await read(reportFixture(name))).read as TestRun).cases.map((one) => [one.path, ...one.names, one.status]);
  expect(await names('node-junit.xml')).toEqual([
    ['src/tax.test.js', 'rates', 'knows Germany', 'passed'],
    ['src/tax.test.js', 'rates', 'knows France', 'failed'],
    ['src/tax.test.js', 'rates', 'knows Spain', 'skipped'],
  ]);
  expect(await names('vitest-junit.xml')).toEqual([
    ['v/tax.test.ts', 'rates', 'knows Germany', 'passed'],
    ['v/tax.test.ts', 'rates', 'knows France', 'failed'],
    ['v/tax.test.ts', 'rates', 'knows Spain', 'skipped'],
  ]);
  const [germany, france] = readJunit(sourceOf(reportFixture('node-junit.xml'))).cases;
  expect([germany?.duration, france?.message]).toEqual([15.342, '0 == 0.2']);
  expect(france?.stack).toContain('ERR_ASSERTION');
});

const count = fc.nat(50);
const identifier = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,9}$/);
const path = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}.js`);

const sorted = ({ files }: CoverageReport) =>
  files.map((one) => ({ ...one, functions: new Map(one.functions.map((f) => [`${f.line} ${f.name}`, f])) }));

it('LCOV that is written of some coverage is read as that coverage', () => {
  const file = fc.record({
    path,
    lines: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 500 }), count), { selector: ([line]) => line }),
    // Methods of several classes go by one name.
    functions: fc.uniqueArray(
      fc.record({
        name: fc.oneof(identifier, fc.constantFrom('get', 'set')),
        line: fc.integer({ min: 1, max: 500 }),
        hits: count,
      }),
      {
        selector: ({ name, line }) => `${name} ${line}`,
      },
    ),
    branches: fc.array(count, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(file, { minLength: 1, maxLength: 4, selector: (one) => one.path }), (files) => {
      const text = files.map(({ path: name, lines, functions, branches }) =>
        [
          `SF:${name}`,
          ...functions.map((one) => `FN:${one.line},${one.name}`),
          ...functions.map((one) => `FNDA:${one.hits},${one.name}`),
          ...branches.map((taken, n) => `BRDA:1,0,${n},${taken}`),
          ...lines.map(([line, hits]) => `DA:${line},${hits}`),
          'end_of_record',
        ].join('\n'),
      );
      const expected: CoverageReport = {
        files: files.map(({ functions, lines, ...one }) => ({
          ...one,
          lines: new Map(lines),
          functions: functions.map((f) => ({ ...f, endLine: null })),
          statements: null,
        })),
      };
      expect(sorted(readLcov(sourceOf(text.join('\n'))))).toEqual(sorted(expected));
    }),
    randomCases(),
  );
});

it('whatever a report holds, it is read, or refused by one of the codes', () => {
  const known = /^(?:IMPORT_UNREADABLE|GRAPH_REPORT_PATH)$/;
  const readers = [readLcov, readJunit, readSarif, readOsv];
  const fixtures = ['node-lcov.info', 'node-junit.xml', 'biome.sarif', 'npm-audit.json'].map(reportFixture);
  const place = fc.nat(3_000);
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.nat(3),
      place,
      place,
      fc.string({ unit: 'binary', maxLength: 8 }),
      (reader, text, from, to, put) => {
        const fixture = fixtures[text] ?? '';
        const changed = fixture.slice(0, from) + put + fixture.slice(Math.min(from, to));
        try {
          readers[reader]?.(sourceOf(changed));
        } catch (error) {
          if (!SignalboxError.is(error) || !known.test(error.code)) throw error;
        }
      },
    ),
    { numRuns: Math.ceil(randomCases().numRuns / 4) },
  );
});

import { expect, it } from 'vitest';
import { isTestFile } from './test-file.ts';

it('test files are known by their names, in each language that is read', () => {
  const tests = [
    ...['a.test.ts', 'src/a.spec.mjs', 'a_test.js', 'x/__tests__/a.tsx', 'app/test_tax.py', 'app/tax_test.py'],
    ...['tax_test.go', 'src/TaxTest.java', 'tax_spec.rb', 'test_tax.rb', 'TaxTest.php', 'TaxTests.cs'],
  ];
  expect(tests.filter((path) => !isTestFile(path))).toEqual([]);
  const others = [
    ...['latest.py', 'contest.go', 'attest_x.py', 'Latest.java', 'Contest.cs', 'test_tax.ts', 'test_x/tax.py'],
    ...['testing.go', 'TestBed.java', 'spec.rb', 'Tests/Tax.cs'],
  ];
  expect(others.filter(isTestFile)).toEqual([]);
});

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomCases } from '../testing/random-cases.ts';
import { decide } from './decide.ts';
import type { CallFacts, PolicyDecision } from './decision.ts';
import { examineCall } from './examine-call.ts';
import { type PolicyDocumentInput, policyDocumentSchema } from './policy.ts';

let workspace: string;

beforeAll(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-policies-')));
  mkdirSync(join(workspace, 'src'));
  mkdirSync(join(workspace, 'bin'));
  writeFileSync(join(workspace, 'secret.txt'), '');
  symlinkSync('..', join(workspace, 'src', 'up'));
  symlinkSync('/nowhere/at/all', join(workspace, 'src', 'dangling'));
  symlinkSync('/bin/rm', join(workspace, 'bin', 'ls'));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

type Rules = PolicyDocumentInput['rules'];
type Match = Rules[number]['match'];

const facts = (changes: Partial<CallFacts> = {}): CallFacts => ({
  projectId: 'p',
  sessionId: 's',
  runtime: 'opencode',
  agent: 'worker-1',
  agentRole: 'coder',
  taskType: 'session.run',
  labels: ['team-a'],
  workspacePath: workspace,
  tool: 'bash',
  arguments: {},
  at: new Date('2026-03-04T10:00:00Z'),
  spent: { tokens: 100, costUsd: 1, seconds: 60, toolCalls: 5 },
  ...changes,
});
const bash = (command: string) => facts({ arguments: { command } });
const write = (filePath: string) => facts({ tool: 'write', arguments: { filePath, content: '' } });
const rule = (id: string, effect: Rules[number]['effect'], match: Match): Rules[number] => ({
  id,
  name: id,
  match,
  effect,
});

async function decided(
  rules: Rules,
  call: CallFacts,
  otherwise: PolicyDocumentInput['default'] = 'allow',
): Promise<PolicyDecision> {
  const document = policyDocumentSchema.parse({ name: 'house', rules, default: otherwise });
  const policies = [{ id: 'p1', version: 1, document }];
  return decide(policies, await examineCall(call, policies));
}
const effectOf = async (rules: Rules, call: CallFacts, otherwise?: PolicyDocumentInput['default']) =>
  (await decided(rules, call, otherwise)).effect;

describe('what a document says', () => {
  test('unknown fields, repeated ids and approval terms in the wrong place are refused, with their path', () => {
    const paths = (input: unknown) =>
      policyDocumentSchema.safeParse(input).error?.issues.map(({ path, code }) => `${path.join('.')} ${code}`);
    const good = { id: 'a', name: 'A', match: {}, effect: 'deny' };
    expect(paths({ name: 'x', rules: [{ ...good, match: { tols: ['bash'] } }], default: 'allow' })).toEqual([
      'rules.0.match unrecognized_keys',
    ]);
    expect(paths({ name: 'x', rules: [good, good], default: 'allow' })).toEqual(['rules custom']);
    expect(paths({ name: 'x', rules: [{ ...good, approval: {} }], default: 'allow' })).toEqual([
      'rules.0.approval custom',
    ]);
    expect(paths({ name: 'x', rules: [] })).toEqual(['default invalid_value']);
    const zone = { ...good, match: { time: { timeZone: 'Mars/Olympus' } } };
    expect(paths({ name: 'x', rules: [zone], default: 'allow' })).toEqual(['rules.0.match.time.timeZone custom']);
  });

  test('its default holds where no rule matches; without any policy all is allowed', async () => {
    expect(await effectOf([], bash('ls'), 'deny')).toBe('deny');
    const held = await decided([], bash('ls'), 'require_approval');
    expect(held).toMatchObject({ effect: 'require_approval', rule: null, approval: { quorum: 1, onTimeout: 'deny' } });
    expect(decide([], await examineCall(bash('rm -rf /'), []))).toMatchObject({ effect: 'allow', rule: null });
  });
});

describe('one by one', () => {
  const matches = async (match: Match, call: CallFacts = facts()) =>
    (await effectOf([rule('r', 'deny', match)], call)) === 'deny';

  test('runtime, tool, agent, role, task type and labels', async () => {
    for (const match of [
      { runtimes: ['opencode'] },
      { tools: ['ba*'] },
      { agents: ['worker-?'] },
      { agentRoles: ['coder'] },
      { taskTypes: ['session.*'] },
      { labels: ['x', 'team-*'] },
    ] satisfies Match[]) {
      expect(await matches(match)).toBe(true);
      const key = Object.keys(match)[0] as string;
      expect(await matches({ ...match, [key]: ['other'] })).toBe(false);
    }
    expect(await matches({ tools: ['bash'], runtimes: ['command'] })).toBe(false);
    expect(await matches({ agents: ['*'] }, facts({ agent: null }))).toBe(false);
  });

  test('time goes by the clocks of its zone, past midnight too', async () => {
    const at = (iso: string) => facts({ at: new Date(iso) });
    const night: Match = { time: { days: ['fri'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' } };
    expect(await matches(night, at('2026-03-06T21:30:00Z'))).toBe(true);
    expect(await matches(night, at('2026-03-06T20:30:00Z'))).toBe(false);
    expect(await matches(night, at('2026-03-07T04:59:00Z'))).toBe(true);
    expect(await matches(night, at('2026-03-07T05:00:00Z'))).toBe(false);
    expect(await matches(night, at('2026-03-06T03:00:00Z'))).toBe(false);
    expect(await matches({ time: { days: ['wed'] } })).toBe(true);
    expect(await matches({ time: { from: '10:00', to: '10:01' } })).toBe(true);
    expect(await matches({ time: { from: '09:00', to: '10:00' } })).toBe(false);
  });

  test('what is spent, and the reach, which is unknown until somebody says', async () => {
    expect(await matches({ spent: { tokens: 100, costUsd: 1 } })).toBe(true);
    expect(await matches({ spent: { tokens: 100, costUsd: 1.01 } })).toBe(false);
    expect(await matches({ reach: ['unknown'] })).toBe(true);
    expect(await matches({ reach: ['critical'] })).toBe(false);
    // What nobody can tell may be much.
    expect(await matches({ reach: ['high'] })).toBe(true);
    expect(await matches({ reach: ['high'] }, facts({ reach: 'medium' }))).toBe(false);
    expect(await matches({ reach: ['critical'] }, facts({ reach: 'critical' }))).toBe(true);
  });
});

describe('paths', () => {
  const outside: Rules = [rule('outside', 'require_approval', { paths: { outside: ['src/**'] } })];

  test('are what they really lead to: a link out of src is outside', async () => {
    expect(await effectOf(outside, write('src/new/a.ts'))).toBe('allow');
    expect(await effectOf(outside, write(join(workspace, 'src/a.ts')))).toBe('allow');
    for (const path of ['secret.txt', 'src/../secret.txt', 'src/up/secret.txt', 'src/dangling', '/etc/x', '../x']) {
      expect(await effectOf(outside, write(path)), path).toBe('require_approval');
    }
    expect(await effectOf([rule('etc', 'deny', { paths: { inside: ['/etc/**'] } })], write('/etc/hosts'))).toBe('deny');
  });

  test('of a patch each counts, also where the first one is allowed', async () => {
    const patchText = '*** Add File: src/a.ts\n*** Delete File: secret.txt\n';
    const rules: Rules = [rule('src', 'allow', { paths: { inside: ['src/**'] } })];
    const call = facts({ tool: 'apply_patch', arguments: { patchText } });
    expect(await effectOf(rules, call, 'deny')).toBe('deny');
    expect(await effectOf(rules, write('src/a.ts'), 'deny')).toBe('allow');
  });

  test('are found in redirections of shell commands, from the directory of the call', async () => {
    expect(await effectOf(outside, bash('echo a > src/a; echo b >> "src/b" 2>&1 >/dev/null'))).toBe('allow');
    for (const text of [
      'echo a > x',
      '(echo a) &> x',
      'if true; then echo; fi >| src/up/x',
      'cd src && echo > a',
      '> "$X"',
    ]) {
      expect(await effectOf(outside, bash(text)), text).toBe('require_approval');
    }
    expect(await effectOf(outside, facts({ arguments: { command: 'echo > a', workdir: 'src' } }))).toBe('allow');
    expect(await effectOf(outside, facts({ arguments: { command: 'echo > ../a', workdir: 'src' } }))).toBe(
      'require_approval',
    );
  });
});

describe('files that programs write', () => {
  const outside: Rules = [rule('outside', 'require_approval', { paths: { outside: ['src/**'] } })];
  const secret: Rules = [rule('secret', 'deny', { paths: { inside: ['secret.txt', 'src/secret.txt'] } })];

  test('are those that well-known programs name', async () => {
    for (const text of [
      'cp src/a out',
      'cp -r src/a src/b ../out',
      'cp -t . src/a',
      'cp -rt . src/a',
      'cp --target-directory=out src/a',
      'mv src/a b',
      'mv a src/b',
      'echo x | tee src/a out',
      'tee -a -- out < src/a',
      'install -m 644 src/a out',
      'install -d src/a out',
      'ln -s src/a out',
      'ln -s ../out',
      'dd if=src/a of=out bs=1',
      "sed -i 's/a/b/' src/a out",
      'sed -i.bak -e s/a/b/ out',
      'rm -f src/a out',
      'rm -- -out',
      'touch -r src/a out',
      'mkdir -p -m 700 out/in',
      'truncate -s 0 out',
      'rsync -a --exclude x src/ out/',
      'git checkout HEAD -- src/a README.md',
      'git restore --source HEAD README.md',
      'git mv src/a b',
      'git -C src rm a',
      'sudo -u me cp src/a /etc/out',
      'find src -name x -exec cp {} out \\;',
      'find src -exec rm {} +',
      'ls src | xargs rm',
      'rm $X',
      'rm out/*',
      'rm ~/x',
      'chmod 600 out',
      'curl -so out http://x',
      'curl --output out http://x',
      'wget -Oout http://x',
      'sort -o out src/a',
      'cp src/a src/up',
      'cd src && cp a b',
    ]) {
      expect(await effectOf(outside, bash(text)), text).toBe('require_approval');
    }
    for (const text of [
      'cp out src/a',
      'cp -t src a b',
      'mv src/a src/b',
      'tee src/a /dev/null',
      'install -m 644 out src/a',
      'ln -s ../out src/link',
      'dd if=out of=src/a',
      "sed -i 's/a/b/' src/a",
      'sed s/a/b/ out',
      'rm -rf src/a src/b',
      'touch -r out src/a',
      'mkdir -m 700 src/in',
      'rsync -e ssh out/ src/',
      'rsync -a src/ host:/out',
      'git checkout main',
      'git checkout -- src/a',
      'git restore --source HEAD src/a',
      'git status out',
      'chmod 600 src/a',
      'curl http://x',
      'cat out',
      'npm run build',
    ]) {
      expect(await effectOf(outside, bash(text)), text).toBe('allow');
    }
  });

  test('are those in a directory where something is put into one', async () => {
    for (const text of [
      'cp /tmp/secret.txt src',
      'mv -t src/ /tmp/secret.txt',
      'cp /tmp/secret.txt .',
      'rm ./secret.txt',
    ])
      expect(await effectOf(secret, bash(text)), text).toBe('deny');
    for (const text of ['cp secret.txt /tmp', 'cp /tmp/secret.txt src/other', 'cp /tmp/a src'])
      expect(await effectOf(secret, bash(text)), text).toBe('allow');
  });

  test('are all that lies below a directory where it goes as a whole: a rule about one of them is asked of a person', async () => {
    for (const text of [
      'rm -r src',
      'rm -rf .',
      `rm -rf ${join(workspace, '..')}`,
      'mv src elsewhere',
      'cp -r /tmp/other/. src',
      'tar xf a.tar',
      'unzip a.zip -d src',
      'git clean -fdx',
      'git checkout HEAD .',
      'find . -name x -delete',
      'patch -p1 < x.diff',
      `awk '{print > $1}' x`,
    ])
      expect(await effectOf(secret, bash(text)), text).toBe('require_approval');
    for (const text of ['rm -r src/lib', 'tar xf a.tar -C /tmp', 'git clean -fdx bin', 'cp -r /tmp/other src'])
      expect(await effectOf(secret, bash(text)), text).toBe('allow');
    // Allowed is only what is so with all that lies below.
    const only = (paths: object): Rules => [
      rule('these', 'allow', { paths }),
      rule('others', 'deny', { paths: { inside: ['**'] } }),
    ];
    expect(await effectOf(only({ inside: ['src/lib/**'] }), bash('rm -r src'))).toBe('deny');
    expect(await effectOf(only({ inside: ['src/lib/**'] }), bash('rm -r src/lib'))).toBe('allow');
    expect(await effectOf(only({ inside: ['src/*'] }), bash('rm -r src/lib'))).toBe('deny');
    writeFileSync(join(workspace, 'src/plain.txt'), '');
    expect(await effectOf(only({ inside: ['src/*'] }), bash('rm src/plain.txt'))).toBe('allow');
    const butSecret = only({ inside: ['src/**'], outside: ['src/secret/**'] });
    expect(await effectOf(butSecret, bash('rm -r src'))).toBe('deny');
    expect(await effectOf(butSecret, bash('rm -r src/lib'))).toBe('allow');
    const keys: Rules = [rule('keys', 'deny', { paths: { inside: ['**/*.pem'] } })];
    expect(await effectOf(keys, bash('rm -r src/lib'))).toBe('require_approval');
  });

  test('cannot be told of what cannot be read: rules about paths hold that as well, and never let it pass', async () => {
    const allowed: Rules = [rule('src', 'allow', { paths: { inside: ['src/**'] } })];
    for (const text of ['sh -c "echo > out"', 'bash x.sh', 'eval "$X"', '$CMD', `python3 -c 'open("out", "w")'`]) {
      expect(await effectOf(outside, bash(text)), text).toBe('require_approval');
      expect(await effectOf(allowed, bash(text), 'deny'), text).toBe('deny');
    }
    // That arguments are computed says nothing of files.
    expect(await effectOf(outside, bash('ls $(pwd)'))).toBe('allow');
  });

  test('are found however the command is written', async () => {
    const quoted = (word: string) =>
      fc.constantFrom(word, `'${word}'`, `"${word}"`, `\\${word}`, `''${word}`, `$'${word}'`);
    const command = fc.oneof(
      fc.tuple(quoted('cp'), fc.constantFrom('', '-r', '-rp', '--'), quoted('src/a'), quoted('out')),
      fc.tuple(quoted('tee'), fc.constantFrom('', '-a'), fc.constantFrom('', 'src/b'), quoted('out')),
      fc.tuple(quoted('mv'), fc.constantFrom('-f', '-tsrc', '-t src'), quoted('out'), fc.constant('src/c')),
      fc.tuple(quoted('/bin/rm'), fc.constantFrom('', '-rf'), quoted('out'), fc.constantFrom('', 'src/d')),
    );
    const around = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => `true && ${text}`,
      (text) => `( ${text} ) > /dev/null`,
      (text) => `X=1 sudo nice -n 3 ${text}`,
      (text) => `if ${text}; then :; fi`,
      (text) => `echo | timeout 5 ${text}`,
      (text) => `f() { ${text}; }; f`,
    );
    await fc.assert(
      fc.asyncProperty(command, around, async (words, put) => {
        const text = put(words.filter((word) => word !== '').join(' '));
        expect(await effectOf(outside, bash(text)), text).toBe('require_approval');
      }),
      randomCases(),
    );
  });
});

describe('shell commands', () => {
  const noRm: Rules = [rule('rm', 'deny', { commands: [{ programs: ['rm'], allArguments: ['-r', '-f'] }] })];

  test('are found wherever they stand, and behind what starts them', async () => {
    for (const text of [
      'rm -rf build',
      'rm -r -f build',
      '/bin/rm -fr build',
      'r\'m\' "-rf" build',
      "$'\\x72m' -rf build",
      'r\\m -rf build',
      'ls | rm -rf build',
      'true && (cd x; rm -rf build)',
      'f() { rm -rf build; }; f',
      'if true; then rm -rf build; fi',
      'for x in a; do rm -rf build; done &',
      'A=1 sudo -u me env -u X B=2 nohup nice -n 3 rm -rf build',
      'timeout -k 1 5 rm -rf build',
      'find . | xargs -n 1 rm -rf',
      'find . -name x -exec rm -rf {} +',
      'command rm -rf build > log',
      './bin/ls -rf build',
      'echo `rm -rf build`',
    ]) {
      expect(await effectOf(noRm, bash(text)), text).toBe('deny');
    }
    for (const text of [
      'rm a',
      'echo rm -rf build',
      'ls; git rm -rf x',
      '# rm -rf build',
      'cat <<X\nrm -rf build\nX',
    ]) {
      expect(await effectOf(noRm, bash(text)), text).toBe('allow');
    }
    expect(await effectOf(noRm, facts({ arguments: { command: ['rm', '-rf', 'x'] } }))).toBe('deny');
  });

  test('need approval where it cannot be told what they do', async () => {
    for (const text of [
      'sh -c "rm -rf x"',
      'bash script',
      'eval "$X"',
      '$CMD -rf x',
      '$(echo rm) x',
      'ls $(pwd)',
      'ls "`pwd`"',
      'source x',
      '. x',
      'bash <<X\nrm\nX',
      '/bin/r? -rf x',
      '{rm,-rf,x}',
      'PATH=.:$PATH ls',
      'env -S "rm -rf x"',
      'rm $FLAGS x',
      'rm -rf x; ((',
      'diff <(ls) y',
      'find . | xargs rm',
      `ls ${'x'.repeat(70_000)}`,
      `python -c 'import os'`,
      'python3.12 -Ic x',
      'python -W ignore -c x',
      'python < x',
      'echo x | python -',
      'node -e x',
      'node --import tsx -pe x',
      'node --eval=x',
      'deno eval x',
      'perl -e x',
      'perl -lane x y',
      'ruby -ne x',
      'php -r x',
      'sudo /usr/bin/python3 -c x',
      'python $X',
    ]) {
      expect(await effectOf(noRm, bash(text)), text.slice(0, 40)).toBe('require_approval');
    }
    for (const text of [
      'python x.py -c y',
      'python -m x -c',
      'node x.js -e y',
      'node --test',
      'perl -Ilib -w x',
      'ruby x.rb',
      'python --version',
    ])
      expect(await effectOf(noRm, bash(text)), text).toBe('allow');
    expect(await effectOf([rule('r', 'deny', { tools: ['write'] })], bash('eval x'))).toBe('allow');
  });

  test('are allowed by name only where the name means what it says', async () => {
    const lsOnly: Rules = [rule('ls', 'allow', { commands: [{ programs: ['ls'] }] })];
    for (const text of ['ls -l', '/bin/ls', 'time ls', 'A=b ls | ls'])
      expect(await effectOf(lsOnly, bash(text), 'deny'), text).toBe('allow');
    for (const text of ['./bin/ls x', 'sudo ls', 'ls; rm x', '/tmp/ls'])
      expect(await effectOf(lsOnly, bash(text), 'deny'), text).toBe('deny');
  });

  test('the answer says which commands there are and why each rule matched or not', async () => {
    const {
      commands,
      explanation,
      rule: by,
    } = await decided([rule('w', 'warn', { tools: ['bash'] }), ...noRm], bash('ls -l; rm -rf x'));
    expect(commands).toEqual(['ls -l', 'rm -rf x']);
    expect(by).toEqual({ policyId: 'p1', version: 1, ruleId: 'rm', name: 'rm' });
    expect(explanation).toEqual([
      '[ls -l] house/w warns: all that it names holds',
      '[ls -l] house/rm does not match: ls is none of its commands',
      '[ls -l] house decides allow: its default',
      '[rm -rf x] house/w warns: all that it names holds',
      '[rm -rf x] house/rm decides deny: rm is named',
      '[rm -rf x, writes x] house/w warns: all that it names holds',
      '[rm -rf x, writes x] house/rm decides deny: rm is named',
    ]);
  });
});

describe('properties', () => {
  const PROGRAMS = ['ls', 'rm', 'git', 'cat'];
  const effects = fc.constantFrom('allow', 'deny', 'require_approval', 'warn' as const);
  const rules = fc
    .array(fc.record({ effect: effects, programs: fc.option(fc.subarray(PROGRAMS, { minLength: 1 })) }), {
      maxLength: 6,
    })
    .map(
      (list): Rules =>
        list.map(({ effect, programs }, at) => rule(`r${at}`, effect, programs ? { commands: [{ programs }] } : {})),
    );
  const otherwise = fc.constantFrom('allow', 'deny', 'require_approval' as const);
  const program = fc.constantFrom(...PROGRAMS);
  const strictness = ['allow', 'require_approval', 'deny'];

  test('the first rule that matches decides', async () => {
    await fc.assert(
      fc.asyncProperty(rules, otherwise, program, async (list, fallback, name) => {
        const first = list.find(
          ({ effect, match }) =>
            effect !== 'warn' && (match.commands?.some(({ programs }) => programs.includes(name)) ?? true),
        );
        const { effect, rule: by } = await decided(list, bash(`${name} x`), fallback);
        expect([effect, by?.ruleId]).toEqual([first?.effect ?? fallback, first?.id]);
      }),
      randomCases(),
    );
  });

  test('of several commands the strictest result counts', async () => {
    const joins = fc.constantFrom('; ', ' && ', ' | ', ' || ', '\n', ' & ');
    await fc.assert(
      fc.asyncProperty(
        rules,
        otherwise,
        fc.array(program, { minLength: 1, maxLength: 4 }),
        joins,
        async (list, fallback, names, join) => {
          const single = await Promise.all(names.map((name) => effectOf(list, bash(`${name} x`), fallback)));
          const strictest = strictness[Math.max(...single.map((effect) => strictness.indexOf(effect)))];
          expect(await effectOf(list, bash(names.map((name) => `${name} x`).join(join)), fallback)).toBe(strictest);
        },
      ),
      randomCases(),
    );
  });

  test('rules that warn never change the effect', async () => {
    await fc.assert(
      fc.asyncProperty(rules, otherwise, program, async (list, fallback, name) => {
        const silent = list.filter(({ effect }) => effect !== 'warn');
        const [loud, quiet] = [await decided(list, bash(name), fallback), await decided(silent, bash(name), fallback)];
        expect([loud.effect, loud.rule]).toEqual([quiet.effect, quiet.rule]);
      }),
      randomCases(),
    );
  });

  test('however its words are quoted, a command is decided the same', async () => {
    const word = fc.stringMatching(/^[a-z -]{1,6}$/);
    const style = fc.constantFrom('single', 'double', 'ansi', 'escaped');
    const quote = (text: string, as: string) => {
      if (as === 'single') return `'${text}'`;
      if (as === 'double') return `"${text}"`;
      if (as === 'ansi') return `$'${[...text].map((one) => `\\x${one.charCodeAt(0).toString(16)}`).join('')}'`;
      // The grammar does not read a word of escaped blanks alone; such a command needs approval.
      return [...text].map((one) => (one === ' ' ? "' '" : `\\${one}`)).join('');
    };
    const pieces = fc.array(fc.tuple(word, style), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 3 }), async (args) => {
        const plain = args.map((list) => list.map(([text]) => text).join(''));
        const exact: Rules = [
          rule('exact', 'deny', { commands: [{ programs: ['rm'], allArguments: plain as [string, ...string[]] }] }),
        ];
        const text = args.map((list) => list.map(([piece, as]) => quote(piece, as)).join('')).join(' ');
        expect(await effectOf(exact, bash(`r''m ${text}`))).toBe('deny');
      }),
      randomCases(),
    );
  });
});

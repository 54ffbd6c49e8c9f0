import { describe, expect, test } from 'vitest';
import { readAwk } from './awk.ts';
import { readCommands } from './read-commands.ts';

/** What a command writes: `x/**` where all below counts as well, `?` before what only a run would tell. */
async function writes(text: string): Promise<string[]> {
  const commands = await readCommands(text);
  return commands.flatMap((command) =>
    command.writes.map(({ text: path, dynamic, tree }) => `${dynamic ? '?' : ''}${path}${tree ? '/**' : ''}`),
  );
}
const hidden = async (text: string) => (await readCommands(text)).some(({ opaque }) => opaque);

describe('files that a command writes', () => {
  test.each<[string, string[]]>([
    ['tar xf a.tar', ['./**']],
    ['tar xzf a.tgz -C out', ['./out/**']],
    ['tar -xzf a.tgz --directory=out src', ['./out/**']],
    ['tar xfC a.tar out', ['./out/**']],
    ['tar -xf a.tar -C one -C two', ['./one/two/**']],
    ['tar -xf a.tar -C one -C /two', ['/two/**']],
    ['tar --extract --file a.tar --one-top-level=out', ['./out/**']],
    ['tar -xPf a.tar', ['?./**']],
    ['tar xOf a.tar', []],
    ['tar tf a.tar', []],
    ['tar czf out.tgz src', ['out.tgz/**']],
    ['tar -c -f out.tar --remove-files src', ['out.tar/**', 'src/**']],
    ['tar c src', []],
    ['unzip a.zip', ['./**']],
    ['unzip -q a.zip -d out', ['out/**']],
    ['unzip -l a.zip', []],
    ['unzip -p a.zip x', []],
    ['zip -r out.zip src', ['out.zip/**']],
    ['zip -rm out.zip src', ['out.zip/**', 'src/**']],
    ['cpio -idm -D out', ['out/**']],
    ['cpio -it', []],
    ['cpio -pd out', ['out/**']],
    ['gzip -9 a', ['a/**', 'a.gz/**']],
    ['gunzip a.gz', ['a.gz/**', 'a/**']],
    ['gzip -dc a.gz', []],
    ['patch -p1 -i x.diff', ['./**']],
    ['patch -d src < x.diff', ['src/**']],
    ['patch a.c x.diff', ['a.c']],
    ['patch -o out a.c x.diff', ['a.c', 'out']],
    ['patch --dry-run -p1', []],
    ['git clean -fdx', ['./**']],
    ['git clean -f build', ['build/**']],
    ['git clean -n', []],
    ['git clean -fdx -enode_modules', ['./**']],
    ['tar -xfOld.tgz', ['./**']],
    ['unzip -dlib a.zip', ['lib/**']],
    ['cpio -i -Dtarget', ['target/**']],
    ['gzip -S.tlc a', ['a/**', 'a.gz/**']],
    ['git clean -fd -e keep', ['./**']],
    ['git apply x.diff', ['./**']],
    ['git apply --check x.diff', []],
    ['git reset --hard', ['?the work tree/**']],
    ['git reset HEAD a', []],
    ['git stash', ['?the work tree/**']],
    ['git stash list', []],
    ['git checkout -- a b', ['a/**', 'b/**']],
    ['git checkout .', ['./**']],
    ['git checkout HEAD~1 a', ['a/**']],
    ['git checkout -b a b', []],
    ['git checkout main', []],
    ['git -C x restore a', ['?a/**']],
    ['rsync -a --delete a/ out/', ['out//**']],
    ['rsync -a --log-file=l a out', ['l', 'out/**']],
    ['curl -sSLO http://h/d/f.tgz', ['f.tgz']],
    ['curl -O --output-dir out http://h/f', ['out/f']],
    ['curl -OJ http://h/f', ['?f']],
    ['curl -so out http://h/f', ['out']],
    ['curl -o a -D b -d @x http://h/f', ['a', 'b']],
    ['curl -d x http://h/f', []],
    ['wget http://h/d/f', ['f']],
    ['wget http://h', ['index.html']],
    ["wget -P out 'http://h/f?x=/y'", ['out/f']],
    ['wget -qO- http://h/f', []],
    ['wget -O a http://h/f', ['a']],
    ['wget -r -P out http://h/', ['out/**']],
    ['wget --spider http://h/f', []],
    ['dd if=a of=out bs=1', ['out']],
    ['install -Dm644 a out', ['out']],
    ['ln -sf a out', ['out']],
    ['truncate -s0 out', ['out']],
    ['touch a b', ['a', 'b']],
    ['mkdir -p a/b', ['a/b']],
    ['find out -name x -delete', ['out/**']],
    ['find -delete', ['./**']],
    ['find . -fprint list', ['list/**']],
    ['find . -name delete', []],
    ['split -b 1k a out/x', ['out//**']],
    ['uniq a out', ['out']],
    ['gcc -O2 -o out a.c', ['out']],
    ['rm -rf out', ['out/**']],
    ['mv a out', ['out', 'a/**']],
    ['awk -i inplace 1 a b', ['a', 'b']],
    ['gawk -v x=1 -i inplace -f p.awk a', ['a']],
    [`awk '{print > "out"}' a`, ['out']],
    [`awk '{print $1 >> "out"; print "x"}' a`, ['out']],
    [`awk '{print > $1".txt"}' a`, ['?$']],
    [`awk '{printf("%s", $1) > "out"}' a`, ['out']],
    [`awk '$1 > 5 {print (a > b)}' a`, []],
    [`awk '/a>b|c/ {print $1 / 2}' a`, []],
    [`awk -F: -f p.awk '{print > "x"}'`, []],
  ])('%s', async (text, expected) => {
    expect(await writes(text)).toEqual(expected);
  });
});

describe('programs that run what is not seen', () => {
  test.each<[string, boolean]>([
    [`awk '{system("rm " $1)}' a`, true],
    [`awk '{print | "sh"}' a`, true],
    [`awk '"date" | getline x' a`, true],
    [`awk "{print $X}" a`, true],
    [`awk '@include "x"' a`, true],
    [`awk '{print "a' a`, true],
    [`awk '/a|b/ || /c/ {print $1, $2 / 2 }' a`, false],
    [`awk -F'|' '{print "a|b" # a | b\n}' a`, false],
    ['awk -f p.awk a', false],
    ['tar xf a --to-command=sh', true],
    ['tar cf a --checkpoint=1 --checkpoint-action=exec=sh x', true],
    ['tar -I pigz -xf a', true],
    ['tar xzf a', false],
    ['vim -c x', true],
  ])('%s: %s', async (text, expected) => {
    expect(await hidden(text)).toBe(expected);
  });

  test('a division is no pattern, in which a pipe could hide', () => {
    expect(readAwk('{ x = a / b | "sh" / c }').hidden).toBe('awk runs commands');
    expect(readAwk('{ x = (a) / b | "sh" / c }').hidden).toBe('awk runs commands');
    expect(readAwk('{ x = $1 / 2; print "/" > "a/b" }')).toEqual({
      writes: [{ text: 'a/b', dynamic: false }],
      hidden: null,
    });
  });
});

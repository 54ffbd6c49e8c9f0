import { inlineCode } from './inline-code.ts';
import type { Word } from './simple-command.ts';

/** Programs that run the command given to them, with those of their options that take a value. */
const WRAPPERS: Readonly<Record<string, { valued: readonly string[]; operands?: number; open?: true }>> = {
  sudo: { valued: ['-u', '-g', '-h', '-p', '-C', '-D', '-r', '-t', '-T', '-U', '-R', '--user', '--group', '--chdir'] },
  doas: { valued: ['-u', '-C'] },
  env: { valued: ['-u', '--unset', '-C', '--chdir'] },
  nohup: { valued: [] },
  time: { valued: ['-f', '-o', '--format', '--output'] },
  command: { valued: [] },
  builtin: { valued: [] },
  exec: { valued: ['-a'] },
  coproc: { valued: [] },
  nice: { valued: ['-n', '--adjustment'] },
  ionice: { valued: ['-c', '-n', '-p', '--class', '--classdata'] },
  setsid: { valued: [] },
  stdbuf: { valued: ['-i', '-o', '-e', '--input', '--output', '--error'] },
  timeout: { valued: ['-k', '-s', '--kill-after', '--signal'], operands: 1 },
  chroot: { valued: [], operands: 1 },
  xargs: {
    valued: ['-a', '-d', '-E', '-I', '-L', '-n', '-P', '-s', '--arg-file', '--delimiter', '--max-args', '--max-procs'],
    open: true,
  },
};

/** Programs that execute text, a file or their input: what they do is not seen here. */
const INTERPRETERS = new Set([
  ...['sh', 'bash', 'dash', 'zsh', 'ksh', 'mksh', 'ash', 'fish', 'csh', 'tcsh'],
  ...['eval', 'source', '.', 'trap', 'alias', 'parallel', 'su', 'watch', 'script', 'busybox'],
]);
/** Assignments that change which program a name stands for, or what it loads first. */
const TAKING_OVER = /^(PATH|LD_\w+|DYLD_\w+|BASH_ENV|ENV|IFS|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|BASH_FUNC.*)\+?=/;
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;
const FIND_EXEC = new Set(['-exec', '-execdir', '-ok', '-okdir']);

export interface SeenCommand {
  program: string;
  arguments: (Word & { expands?: boolean })[];
  wrappers: string[];
  indirect: string | null;
}

/** Finds what a command line runs behind its prefixes; `find -exec` runs several. */
export function lookThrough(words: readonly (Word & { expands?: boolean })[]): SeenCommand[] {
  const wrappers: string[] = [];
  let rest = [...words];
  let indirect: string | null = null;
  let open = false;
  for (;;) {
    const assigned = rest.findIndex((word) => !ASSIGNMENT.test(word.text));
    const assignments = rest.slice(0, assigned < 0 ? rest.length : assigned);
    if (assignments.some(({ text }) => TAKING_OVER.test(text))) indirect = 'it changes which programs are found';
    rest = rest.slice(assignments.length);
    const [first, ...others] = rest;
    if (!first) return [{ program: wrappers.pop() ?? '', arguments: [], wrappers, indirect }];
    if (first.dynamic || first.expands) indirect = 'its program is only known to the shell';
    const name = baseName(first.text);
    const seen = { program: first.text, arguments: open ? [...others, OPEN] : others, wrappers };
    if (INTERPRETERS.has(name)) return [{ ...seen, indirect: indirect ?? `${name} runs what is not seen here` }];
    indirect ??= inlineCode(name, open ? [...others, OPEN] : others);
    if (name === 'find') return [{ ...seen, indirect }, ...ranByFind(others, wrappers, indirect)];
    const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
    if (!wrapper) return [{ ...seen, indirect }];
    const inner = behindOptions(others, wrapper.valued, wrapper.operands ?? 0);
    if (inner === null) indirect ??= `what ${name} runs cannot be told`;
    if (inner === null || inner.length === 0) return [{ ...seen, indirect }];
    wrappers.push(first.text);
    open ||= wrapper.open ?? false;
    rest = inner;
  }
}

/** Stands for arguments that come from elsewhere. */
const OPEN: Word = { text: '…', dynamic: true };

/** What follows the options; null where an option hides it. */
function behindOptions(words: Word[], valued: readonly string[], operands: number): Word[] | null {
  let at = 0;
  for (; at < words.length; at++) {
    const { text, dynamic } = words[at] as Word;
    if (dynamic) return null;
    if (text === '--') {
      at++;
      break;
    }
    if (text === '-S' || text.startsWith('--split-string') || /^-[a-zA-Z]*S/.test(text)) return null;
    if (!text.startsWith('-') || text === '-') break;
    if (valued.includes(text)) at++;
  }
  return words.slice(at + operands);
}

function ranByFind(words: Word[], wrappers: string[], indirect: string | null): SeenCommand[] {
  const found: SeenCommand[] = [];
  for (let at = 0; at < words.length; at++) {
    if (!FIND_EXEC.has((words[at] as Word).text)) continue;
    const end = words.findIndex(({ text }, index) => index > at && (text === ';' || text === '+'));
    const inner = words.slice(at + 1, end < 0 ? words.length : end);
    for (const seen of lookThrough(
      inner.map((word) => (word.text.includes('{}') ? { ...word, dynamic: true } : word)),
    )) {
      found.push({ ...seen, wrappers: [...wrappers, 'find', ...seen.wrappers], indirect: seen.indirect ?? indirect });
    }
  }
  return found;
}

export function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

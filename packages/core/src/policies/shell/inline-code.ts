import { hiddenAwk } from './awk.ts';
import { hasOption } from './options.ts';
import type { Word } from './simple-command.ts';

/** How an interpreter is given its program on the command line. */
interface Inline {
  /** Its names, with versions. */
  names: RegExp;
  /** The options that are followed by code, in clusters too. */
  code: RegExp;
  /** Options that take a value. */
  valued: readonly string[];
  /** Options after which there is a program in a file, and no more code. */
  ends?: readonly string[];
}

const INTERPRETERS: readonly Inline[] = [
  {
    names: /^(python|pypy)\d*(\.\d+)?$/,
    code: /^-[bBdEiIOPqsSuvx]*c/,
    valued: ['-W', '-X', '--check-hash-based-pycs'],
    ends: ['-m'],
  },
  {
    names: /^(node|nodejs|bun|tsx|ts-node)$/,
    code: /^(-[ip]*e|-p|-pe|--eval|--print)(=|$)/,
    valued: ['-r', '--require', '--import', '--loader', '-C', '--conditions', '--env-file', '--title'],
    ends: ['--test', '--run', '--check'],
  },
  { names: /^deno$/, code: /^eval$/, valued: [] },
  { names: /^perl\d*(\.\d+)*$/, code: /^-(?![IMmCF])\w*[eE]/, valued: ['-I'] },
  { names: /^ruby\d*(\.\d+)*$/, code: /^-(?![IrKECx])\w*e/, valued: ['-I', '-r', '-C', '-E'] },
  { names: /^php\d*(\.\d+)?$/, code: /^(-[nq]*[rBRE]|--run|--process-(begin|code|end))/, valued: ['-d', '-c'] },
  { names: /^lua(jit)?\d*(\.\d+)?$/, code: /^-e/, valued: ['-l'] },
  { names: /^(R|Rscript)$/, code: /^-e/, valued: [] },
  { names: /^osascript$/, code: /^-e/, valued: ['-l'] },
  { names: /^(pwsh|powershell)$/, code: /^-(c|e|command|encodedcommand)$/i, valued: [] },
];
const ASKS = /^(-V|-v|-h|-\?|--version|--help)$/;

/** Other programs that may run what is given to them. */
const HIDING: readonly { names: RegExp; why: (words: readonly Word[]) => string | null }[] = [
  { names: /^[gmn]?awk$/, why: hiddenAwk },
  {
    names: /^(g|bsd)?tar$/,
    why: (words) =>
      hasOption(words, 'IF', TAR_RUNS) || words.some(({ text }) => text.startsWith('--checkpoint-action'))
        ? 'tar runs commands that are given to it'
        : null,
  },
  {
    names: /^(ex|vi|vim|nvim|ed|emacs)$/,
    why: () => 'an editor runs what comes to it',
  },
];
const TAR_RUNS = ['--to-command', '--use-compress-program', '--info-script', '--new-volume-script', '--rsh-command'];

/** Why it is not seen what an interpreter of a language is given to run; null where that stands in a file, or it is none. */
export function inlineCode(program: string, words: readonly Word[]): string | null {
  const hiding = HIDING.find(({ names }) => names.test(program));
  if (hiding) return hiding.why(words);
  const known = INTERPRETERS.find(({ names }) => names.test(program));
  if (!known) return null;
  for (let at = 0; at < words.length; at++) {
    const { text, dynamic } = words[at] as Word;
    if (known.code.test(text)) return `${program} runs code that is given to it`;
    if (dynamic) return `what ${program} runs is only known to the shell`;
    if (known.ends?.includes(text) || ASKS.test(text)) return null;
    if (text === '-') break;
    if (!text.startsWith('-')) return null;
    if (known.valued.includes(text)) at++;
  }
  return `${program} runs what comes to it`;
}

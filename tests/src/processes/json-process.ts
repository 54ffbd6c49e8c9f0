import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface JsonProcessOptions<Answer> {
  /** For messages about it. */
  name: string;
  /** A TypeScript source, run as it is. */
  script: string;
  args: readonly string[];
  /** Looks at each answer first; those for which it is true are not kept for {@link JsonProcess.answer}. */
  take?: (answer: Answer) => boolean;
}

/** A real process that is told what to do on its standard input and answers on its standard output, a JSON document a line. */
export class JsonProcess<Command, Answer> {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #take: (answer: Answer) => boolean;
  readonly #answers: Answer[] = [];
  readonly #listeners = new Set<() => void>();
  /** When it is gone and all it said was heard: the end itself may be known before its last lines. */
  readonly #gone: Promise<void>;
  #isGone = false;

  constructor({ name, script, args, take = () => false }: JsonProcessOptions<Answer>) {
    this.name = name;
    this.#take = take;
    this.#child = spawn(process.execPath, ['--conditions=source', script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#gone = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#isGone = true;
        for (const listener of [...this.#listeners]) listener();
        resolve();
      });
    });
    // A command to a process that has just been killed goes nowhere.
    this.#child.stdin?.on('error', () => undefined);
    if (!this.#child.stdout) throw new Error(`the process ${name} has no output`);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  say(command: Command): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  /** The first answer of that kind, now or when it comes. @throws when the process ends before */
  answer<A extends Answer>(which: (answer: Answer) => answer is A): Promise<A>;
  answer(which: (answer: Answer) => boolean): Promise<Answer>;
  answer(which: (answer: Answer) => boolean): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#answers.find(which);
        if (found === undefined && !this.#isGone) return;
        this.#listeners.delete(look);
        if (found === undefined) reject(new Error(`the process ${this.name} ended before it answered`));
        else resolve(found);
      };
      this.#listeners.add(look);
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGKILL; resolves when the process is gone and what it had said was heard. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #hear(line: string): void {
    // A process that is killed may leave half a line behind.
    if (!line.endsWith('}')) return;
    const answer = JSON.parse(line) as Answer;
    if (!this.#take(answer)) this.#answers.push(answer);
    for (const listener of [...this.#listeners]) listener();
  }
}

import { hostname } from 'node:os';

/** How a process is known again: its host, its number, and a mark, since numbers come again. */
export class ProcessMark {
  readonly id: string;

  constructor(mark: string) {
    this.id = `${hostname()}/${process.pid}/${mark}`;
  }

  /** Whether another process is known to be gone; of other hosts nothing is known. */
  isDead(id: string): boolean {
    const [host, pid] = id.split('/');
    if (host !== hostname()) return false;
    if (Number(pid) === process.pid) return id !== this.id;
    try {
      process.kill(Number(pid), 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  }
}

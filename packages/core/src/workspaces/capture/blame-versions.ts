import { readFile, rm } from 'node:fs/promises';
import { git } from './git.ts';

/** One name for the file in a history of its own. */
const NAME = 'file';

/**
 * Which version each line of the last one comes from, by git's own blame over a history that is made up of them.
 * @param oids contents of one file, oldest first; null where it was not there.
 * @param scratch name for what is needed meanwhile, unique in the store.
 * @returns for each line the index into `oids`.
 */
export async function blameVersions(
  gitDir: string,
  oids: readonly (string | null)[],
  scratch: string,
): Promise<number[]> {
  const call = { cwd: gitDir, env: { GIT_DIR: gitDir } };
  const ref = `refs/scratch/${scratch}`;
  const marks = `${gitDir}/marks.${scratch}`;
  const commits = oids.map((oid, at) => {
    const content = oid === null ? `D ${NAME}\n` : `M 100644 ${oid} ${NAME}\n`;
    return `commit ${ref}\nmark :${at + 1}\ncommitter s <s> ${at} +0000\ndata 0\n\n${content}\n`;
  });
  try {
    await git(['fast-import', '--quiet', '--force', `--export-marks=${marks}`], { ...call, input: commits.join('') });
    const versions = new Map<string, number>();
    // `:mark oid`
    for (const line of (await readFile(marks, 'utf8')).split('\n')) {
      const [mark, commit] = line.split(' ');
      if (mark && commit) versions.set(commit, Number(mark.slice(1)) - 1);
    }
    const blamed = (await git(['blame', '--porcelain', ref, '--', NAME], call)).toString('latin1');
    // Each line of the file: `oid line line [count]`, facts, then a tab and the text.
    const lines: number[] = [];
    let version = 0;
    for (const line of blamed.split('\n')) {
      const head = /^([0-9a-f]{40,64}) \d+ \d+/.exec(line)?.[1];
      if (line.startsWith('\t')) lines.push(version);
      else if (head !== undefined) version = versions.get(head) ?? 0;
    }
    return lines;
  } finally {
    await git(['update-ref', '-d', ref], call).catch(() => undefined);
    await rm(marks, { force: true });
  }
}

/**
 * Runs `writers` loops side by side for `seconds`; each begins its next operation when the one before is done.
 * @returns operations per second, counted until the last loop has ended.
 * @throws the first error of any loop, once all have ended.
 */
export async function closedLoop(
  { writers, seconds }: { writers: number; seconds: number },
  operation: (writer: number, turn: number) => Promise<unknown>,
): Promise<number> {
  const begun = performance.now();
  const deadline = begun + seconds * 1000;
  let done = 0;
  const loops = Array.from({ length: writers }, async (_, writer) => {
    for (let turn = 0; performance.now() < deadline; turn++) {
      await operation(writer, turn);
      done++;
    }
  });
  const ends = await Promise.allSettled(loops);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return (done * 1000) / (performance.now() - begun);
}

/** How many random cases a property is tried with: `SIGNALBOX_CASES`, 200 without. */
export function randomCases(): { numRuns: number } {
  const { SIGNALBOX_CASES } = process.env;
  return { numRuns: SIGNALBOX_CASES === undefined ? 200 : Number(SIGNALBOX_CASES) };
}

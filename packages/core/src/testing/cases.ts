/**
 * How many random cases a property is tried on. Two hundred are enough for each change; ten thousand and more are tried by hand:
 * `SIGNALBOX_CASES=10000 npx vitest run packages/core/src/rollback`.
 */
export const CASES = Number(process.env.SIGNALBOX_CASES ?? 200);

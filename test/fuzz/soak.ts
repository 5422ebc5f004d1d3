/** Whether this is the long run, `npm run test:soak`, and not a part of `npm test`. */
export const soaking = process.env.ORCHESTRA_SOAK === '1';

/**
 * Where chance begins. The short run is the same each time, so that a change fails only by what it changes; the long one looks for news.
 * `FUZZ_SEED` repeats one.
 */
export const fuzzSeed = Number(process.env.FUZZ_SEED ?? (soaking ? Date.now() % 2 ** 31 : 20_240_601));

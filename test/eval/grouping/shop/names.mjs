import { readFileSync } from 'node:fs';

/** The names of the cases, read from the program's text: importing it needs its dependency. */
export const cases = [
  ...readFileSync(new URL('src/cases.mjs', import.meta.url), 'utf8').matchAll(/^ {2}'([a-z.0-9-]+)':/gm),
].map(([, name]) => name);

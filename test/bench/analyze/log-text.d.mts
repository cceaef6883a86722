/** Blocks of lines, `bytes` in all or a little more; `distinct` different errors. */
export function logText(bytes: number, distinct: number): Generator<string>;

/** Limits of one event; what is longer is cut, not refused. */
export const MAX_MESSAGE = 16_384;
export const MAX_STACK = 65_536;
export const MAX_NAME = 256;
export const MAX_LABEL = 200;
export const MAX_PATH = 1024;
export const MAX_URL = 2048;
export const MAX_LINE = 1e9;
export const MAX_OCCURRENCES = 1e12;
/** The last day that a JavaScript date can hold (ECMA-262, time values). */
export const MAX_TIMESTAMP = 8.64e15;

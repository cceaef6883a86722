/** What the lines before the first frame say. */
export interface StackHeader {
  readonly name?: string;
  /** Node writes it in brackets behind the class: `TypeError [ERR_INVALID_URL]: …`. */
  readonly code?: string;
  readonly message: string;
}

const FIRST_FRAME = /\n[ \t]*at /;
const CAUSE = '\ncaused by: ';
const CLASS_NAME = /^[A-Za-z_$][\w$.]{0,127}$/;

/** Reads the header of a stack as V8 prints it; undefined for a text without frames or without a class. */
export function readHeader(stack: string): StackHeader | undefined {
  const end = endOfHeader(stack);
  const text = stack.slice(0, end).replace(/^Uncaught /, '');
  const colon = text.indexOf(': ');
  const label = (colon < 0 ? text : text.slice(0, colon)).trimEnd().replace(/:$/, '');
  const message = colon < 0 ? '' : text.slice(colon + 2);
  const bracket = label.indexOf(' [');
  const name = bracket < 0 ? label : label.slice(0, bracket);
  if (!CLASS_NAME.test(name)) return undefined;
  const code = bracket > 0 && label.endsWith(']') ? label.slice(bracket + 2, -1) : undefined;
  return { name, message, ...(code !== undefined && { code }) };
}

/** The messages of the causes that pino and bunyan append to a stack, outermost first. */
export function causeMessages(stack: string): string[] {
  return stack
    .split(/\ncaused by: /i)
    .slice(1, 11)
    .map((section) => readHeader(section)?.message ?? '');
}

/** Joins a stack and its cause's as pino does. */
export const withCause = (stack: string, cause: string): string => `${stack}${CAUSE}${cause}`;

/** True when the text has at least one V8 frame. */
export const hasFrames = (text: string): boolean => FIRST_FRAME.test(text);

function endOfHeader(stack: string): number {
  const frame = stack.search(FIRST_FRAME);
  const cause = stack.indexOf(CAUSE);
  if (frame < 0) return cause < 0 ? stack.length : cause;
  return cause < 0 ? frame : Math.min(frame, cause);
}

import { truncate } from '../bounds.ts';
import { beginsLikeV8 } from '../stacktrace/language.ts';
import { withoutAnsi } from '../stacktrace/text.ts';
import { readStack } from '../stacktrace.ts';
import type { ParsedError } from '../types.ts';
import { MAX_MESSAGE, MAX_NAME, MAX_STACK } from './limits.ts';

/** What the text of a stack says, read no further than the first frame of the application. */
export interface StackText {
  readonly name?: string;
  /** Node writes it in brackets behind the class: `TypeError [ERR_INVALID_URL]: …`. */
  readonly code?: string;
  readonly message: string;
  /** The top frame of the application, also when only a cause has one. */
  readonly top?: ParsedError['frames'][number];
  /** The messages of the causes, nearest first. */
  readonly causes: readonly string[];
}

const CODE = /^[\w$.]{1,128} \[([A-Z][A-Z\d_]{1,64})\]/;

/** Reads the header of a stack, its causes' and the place that failed. */
export function readStackText(stack: string): StackText {
  // One in-app frame of each error is enough.
  const { errors } = readStack(stack, () => false);
  const [outer, ...causes] = errors;
  const code = CODE.exec(stack.slice(0, 256))?.[1];
  const top = errors.flatMap(({ frames }) => frames).find(({ inApp }) => inApp);
  return {
    message: outer?.message ?? '',
    ...(outer?.name !== undefined && { name: outer.name }),
    ...(code !== undefined && { code }),
    ...(top !== undefined && { top }),
    causes: causes.map(({ message }) => message),
  };
}

/** A text as an error. */
export interface DescribedText {
  readonly message: string;
  readonly name?: string;
  readonly code?: string;
  readonly stack?: string;
  readonly top?: StackText['top'];
  /** What stood before the error on its line. */
  readonly logged?: string;
}

/** A class in running text: what stands before it was logged, what follows is the error. */
const CLASS_IN_LINE =
  /(?:^|[\s:>\]-])([A-Z][\w$.]{0,99}(?:Error|Exception))(?: \[([A-Z][A-Z\d_]{1,64})\])?: /;
/** `util.inspect` lists the fields of an error below its stack. */
const INSPECTED_CODE = /\n {2,8}code: '([\w-]{1,64})'/;

/** What stands before the first frame of V8; in other languages the first line. */
function endOfHead(plain: string, lineEnd: number): number {
  const frame = plain.search(/\n[ \t]{1,32}at /);
  return frame >= 0 ? frame : lineEnd < 0 ? plain.length : lineEnd;
}

const hasFrames = (text: string): boolean =>
  beginsLikeV8(text) || readStack(text).errors.some(({ frames }) => frames.length > 0);

/** Describes a text: a message, `Class: message`, or either with a stack of any language below it. */
export function describeText(text: string): DescribedText {
  const plain = withoutAnsi(text.slice(0, MAX_STACK)).trim();
  const lineEnd = plain.indexOf('\n');
  const hasStack = lineEnd >= 0 && hasFrames(plain);
  const head = plain.slice(0, Math.min(endOfHead(plain, lineEnd), 2048));
  const named = CLASS_IN_LINE.exec(head);
  const begin = named?.[1] === undefined ? 0 : head.indexOf(named[1], named.index);
  const code = named?.[2] ?? (hasStack ? INSPECTED_CODE.exec(plain)?.[1] : undefined);

  if (!hasStack) {
    const isWhole = named?.[1] !== undefined && begin === 0;
    const message = isWhole ? plain.slice(named[0].length) : plain;
    return {
      message: truncate(message, MAX_MESSAGE),
      ...(isWhole && { name: named[1] }),
      ...(isWhole && code !== undefined && { code }),
    };
  }
  const stack = plain.slice(begin);
  const read = readStackText(stack);
  const logged = head.slice(0, begin).replace(/[\s:>-]+$/, '');
  return {
    message: truncate(read.message || head, MAX_MESSAGE),
    ...(read.name !== undefined && { name: truncate(read.name, MAX_NAME) }),
    ...((code ?? read.code) !== undefined && { code: code ?? read.code }),
    stack: truncate(stack, MAX_STACK),
    ...(read.top !== undefined && { top: read.top }),
    ...(logged !== '' && { logged }),
  };
}

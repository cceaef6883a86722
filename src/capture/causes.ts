import { MAX_CAUSES, MAX_CHILDREN, MAX_STACK } from './limits.ts';
import { isErrorLike, isList, isLiveError, isObject, read, readStack, readText } from './reading.ts';

/**
 * The stack as text, with the children of an AggregateError and the causes below it in the form in which
 * `util.inspect` and pino write them, so that one parser reads them all. Undefined where nothing has a stack.
 */
export function stackWithCauses(error: object): string | undefined {
  return collect(error, { seen: new Set(), room: MAX_STACK });
}

interface Budget {
  readonly seen: Set<object>;
  /** Characters that are still free. */
  room: number;
}

function collect(error: object, budget: Budget): string | undefined {
  budget.seen.add(error);
  let text = readStack(error, budget.room);
  budget.room -= text?.length ?? 0;

  const children = childrenOf(error).filter((child) => !budget.seen.has(child));
  if (children.length > 0 && budget.room > 0) {
    const shown = children.map((child) => indent(collect(child, budget) ?? titleOf(child)));
    text = `${text ?? titleOf(error)}\n  [errors]: [\n${shown.join(',\n')}\n  ]`;
  }
  const cause = causeOf(error);
  if (cause !== undefined && budget.room > 0 && !budget.seen.has(cause) && budget.seen.size <= MAX_CAUSES) {
    const below = collect(cause, budget) ?? titleOf(cause);
    // A serialiser that keeps `cause` may have appended its stack too.
    if (text === undefined || !text.includes(below.slice(0, 200))) {
      text = `${text ?? titleOf(error)}\ncaused by: ${below}`;
    }
  }
  return text;
}

const indent = (text: string): string => `    ${text.replaceAll('\n', '\n    ')}`;

/** What V8 would print as the first line. */
function titleOf(error: object): string {
  const name = readText(error, 'name') ?? readText(error, 'type') ?? 'Error';
  const message = readText(error, 'message')?.slice(0, 1024);
  return message === undefined ? name : `${name}: ${message}`;
}

/** The children of an AggregateError, live or as pino writes them. */
export function childrenOf(error: unknown): object[] {
  const errors = read(error, 'aggregateErrors') ?? read(error, 'errors');
  if (!isList(errors)) return [];
  const children: object[] = [];
  for (let index = 0; index < Math.min(errors.length, MAX_CHILDREN); index++) {
    const child = read(errors, index);
    if (isLiveError(child) || (isErrorLike(child) && readStack(child, 1) !== undefined)) children.push(child);
  }
  return children;
}

function causeOf(error: unknown): object | undefined {
  let cause = read(error, 'cause');
  if (typeof cause === 'function') {
    // VError's causes are methods.
    try {
      cause = Reflect.apply(cause, error, []);
    } catch {
      return undefined;
    }
  }
  if (isLiveError(cause)) return cause;
  return isObject(cause) && typeof read(cause, 'message') === 'string' ? cause : undefined;
}

import type { CodeContext } from './code-context.ts';
import type { RuleMatch } from './rules.ts';
import type { ParsedStackTrace } from './types.ts';

/** What V8 says since Node 16.9 (V8 9.3) of a property access on nothing. */
const NULLISH_ACCESS =
  /^Cannot (read|set) properties of (undefined|null) \((?:reading|setting) '([^']{1,100})'\)/;
/** Longest expression that is named. */
const MAX_RECEIVER = 120;
/** The column of a stack points at the very property, so the expression before it is certain; why it is empty is not. */
const CONFIDENCE = 55;

/**
 * Names the expression that was undefined or null: V8's message has only the property, but the column of the
 * stack points at it in the source. Another rule, or a line that does not fit the message, comes back as it was.
 */
export function nameNullishReceiver(
  rule: RuleMatch,
  stack: ParsedStackTrace,
  context: CodeContext,
): RuleMatch {
  if (!rule.needsCode || rule.matched !== 'error') return rule;
  const [, access, nothing, property] = NULLISH_ACCESS.exec(stack.message) ?? [];
  // Only the very top frame: below it, the message speaks of code that is not this one's.
  const [frame] = stack.frames;
  if (!access || !property || !frame?.inApp || frame.line === undefined || frame.column === undefined)
    return rule;
  const block = context.blocks.find(({ highlightLine }) => highlightLine === frame.line);
  const line = block?.text.split('\n')[frame.line - block.startLine];
  const receiver = line === undefined ? undefined : receiverBefore(line, frame.column - 1, property);
  if (receiver === undefined) return rule;
  return {
    ...rule,
    rootCause: `\`${receiver}\` is ${nothing} where the code ${access === 'read' ? 'reads' : 'sets'} its property "${property}".`,
    nextSteps: [`Find where \`${receiver}\` gets its value, and in which case it is ${nothing}.`],
    confidence: Math.max(rule.confidence, CONFIDENCE),
    reason: `${rule.reason} The column of the stack points at the property in the source.`,
  };
}

/** The expression before the property that V8 points at: names, calls and indexes joined by dots. */
function receiverBefore(line: string, at: number, property: string): string | undefined {
  const end = receiverEnd(line, at, property);
  if (end === undefined || end <= 0) return undefined;
  let start = end;
  while (start > 0) {
    const previous = line[start - 1] ?? '';
    if (/[\w$#.]/.test(previous) || (previous === '?' && line[start] === '.')) start -= 1;
    else if (previous === ')' || previous === ']') {
      const opening = openingOf(line, start - 1);
      if (opening === undefined) return undefined;
      start = opening;
    } else break;
  }
  const receiver = line.slice(start, end);
  return /^[\w$#]/.test(receiver) && receiver.length <= MAX_RECEIVER ? receiver : undefined;
}

/**
 * Where the receiver ends. V8's column is that of the property (`a.b`), of the dot (`f().b`), of the bracket
 * (`a[b]`), or of the equals sign (`a.b = c`).
 */
function receiverEnd(line: string, at: number, property: string): number | undefined {
  if (line[at] === '[') return at;
  const isSet = line[at] === '=';
  const before = isSet ? line.slice(0, at).trimEnd() : line.slice(0, at);
  if (isSet && !before.endsWith(property)) return undefined;
  const start = isSet ? before.length - property.length : at;
  const access = /^\??\.?/.exec(line.slice(start))?.[0] ?? '';
  if (!line.startsWith(property, start + access.length)) return undefined;
  if (access.endsWith('.')) return start;
  const dotted = line.slice(0, start);
  if (!dotted.endsWith('.')) return undefined;
  return dotted.endsWith('?.') ? start - 2 : start - 1;
}

/** The index of the bracket that the one at `closing` closes, on the same line. */
function openingOf(line: string, closing: number): number | undefined {
  let depth = 0;
  for (let index = closing; index >= 0; index--) {
    const char = line[index];
    if (char === ')' || char === ']') depth += 1;
    else if (char === '(' || char === '[') depth -= 1;
    if (depth === 0) return index;
  }
  return undefined;
}

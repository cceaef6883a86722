import type { ErrorLocation, ErrorLog, ParsedError, ParsedStackTrace, StackFrame } from '../types.ts';

/** A place that the error names, in the words of the machine where it happened. */
export interface Target {
  /** The file as the stack names it. */
  readonly stackPath: string;
  readonly line?: number;
  readonly function?: string;
  /** What the stack's reader takes for the application's own; the repository knows better. */
  readonly inApp: boolean;
  /** Calls between the error and this place. */
  readonly depth: number;
  /** Why its code is worth reading; completes "the code …". */
  readonly reason: string;
}

/** Frames of one error that are looked at; deeper ones rarely tell more. */
const MAX_FRAMES = 60;

/**
 * The places worth reading, most telling first: the top frame of every error in the chain, the innermost cause
 * before those that wrap it, then their next frames; at last the file that the event names.
 */
export function selectTargets(errorLog: ErrorLog, stack: ParsedStackTrace): readonly Target[] {
  const errors: readonly ParsedError[] = [...stack.causes].reverse().concat(stack);
  const chains = errors.map((error) => toTargets(error, stack));
  const targets: Target[] = [];
  const seen = new Set<string>();
  const add = (target: Target): void => {
    const key = `${target.stackPath}:${target.line ?? target.function ?? ''}`;
    if (!seen.has(key)) targets.push(target);
    seen.add(key);
  };
  for (let depth = 0; depth < MAX_FRAMES; depth++) {
    for (const chain of chains) {
      const target = chain[depth];
      if (target) add(target);
    }
  }
  if (errorLog.filePath !== undefined) {
    const { filePath, lineNumber } = errorLog;
    add({
      stackPath: filePath,
      ...(lineNumber !== undefined && { line: lineNumber }),
      inApp: true,
      depth: 0,
      reason: 'which the event names',
    });
  }
  return targets;
}

/** The place where the error was raised: the top frame of the application. */
export function locationOf(errorLog: ErrorLog, stack: ParsedStackTrace): ErrorLocation | undefined {
  for (const error of [stack, ...stack.causes]) {
    const frame = error.frames.find((one) => one.inApp && one.file !== undefined);
    if (frame?.file === undefined) continue;
    return {
      file: frame.file,
      ...(frame.line !== undefined && { line: frame.line }),
      ...(frame.function !== undefined && { function: frame.function }),
    };
  }
  const { filePath, lineNumber } = errorLog;
  if (filePath === undefined) return undefined;
  return { file: filePath, ...(lineNumber !== undefined && { line: lineNumber }) };
}

function toTargets(error: ParsedError, stack: ParsedStackTrace): Target[] {
  const whose = error === stack ? 'the error' : `its cause ${error.name ?? ''}`.trim();
  return error.frames
    .filter((frame): frame is StackFrame & { file: string } => frame.file !== undefined)
    .slice(0, MAX_FRAMES)
    .map((frame, depth) => ({
      stackPath: frame.file,
      ...(frame.line !== undefined && { line: frame.line }),
      ...(frame.function !== undefined && { function: frame.function }),
      inApp: frame.inApp,
      depth,
      reason:
        depth === 0 ? `where ${whose} was raised` : `that led to ${whose}, call ${depth + 1} of its stack`,
    }));
}

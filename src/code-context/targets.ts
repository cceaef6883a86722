import type { ErrorLocation, ErrorLog, ParsedError, ParsedStackTrace, StackFrame } from '../types.ts';

/** A place that the error names, in the words of the machine where it happened. */
export interface Target {
  /** The file as the stack names it; for Java with the folders of its package. */
  readonly stackPath: string;
  readonly line?: number;
  readonly function?: string;
  /** Why its code is worth reading; completes "the code …". */
  readonly reason: string;
}

/** Frames of one error that are looked at; deeper ones rarely tell more. */
const MAX_FRAMES = 40;

/**
 * The places worth reading, most telling first: the top frame of every error in the chain, the innermost cause
 * before those that wrap it, then their next frames. Without a frame of the application, the file that the event
 * names.
 */
export function selectTargets(errorLog: ErrorLog, stack: ParsedStackTrace): readonly Target[] {
  const errors: readonly ParsedError[] = [...stack.causes].reverse().concat(stack);
  const chains = errors.map((error) =>
    inAppFrames(error).map((frame, depth) => toTarget(frame, error, depth, stack)),
  );
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
      reason: 'which the event names',
    });
  }
  return targets;
}

/** The place where the error was raised: the top frame of the application. */
export function locationOf(errorLog: ErrorLog, stack: ParsedStackTrace): ErrorLocation | undefined {
  for (const error of [stack, ...stack.causes]) {
    const frame = inAppFrames(error)[0];
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

function inAppFrames(error: ParsedError): readonly StackFrame[] {
  return error.frames.filter((frame) => frame.inApp && frame.file !== undefined).slice(0, MAX_FRAMES);
}

function toTarget(frame: StackFrame, error: ParsedError, depth: number, stack: ParsedStackTrace): Target {
  const whose = error === stack ? 'the error' : `its cause ${error.name ?? ''}`.trim();
  return {
    stackPath: stackPathOf(frame),
    ...(frame.line !== undefined && { line: frame.line }),
    ...(frame.function !== undefined && { function: frame.function }),
    reason:
      depth === 0 ? `where ${whose} was raised` : `that led to ${whose}, call ${depth + 1} of its stack`,
  };
}

/** Java names a file without its folders; they are the package, which the function's name begins with. */
function stackPathOf(frame: StackFrame): string {
  const file = frame.file ?? '';
  if (frame.language !== 'java' || file.includes('/') || frame.function === undefined) return file;
  // `module/com.acme.Shop$Cart.add`: module, package, class, inner class, method.
  const parts = frame.function.slice(frame.function.lastIndexOf('/') + 1).split('.');
  const packages = parts.slice(
    0,
    parts.findIndex((part) => /^[A-Z]/.test(part)),
  );
  return packages.length === 0 ? file : [...packages, file].join('/');
}

/**
 * How stack traces look line by line, as the languages' own runtimes print them. All patterns are anchored and
 * are tried on the beginning of a line only, so that a long line costs no more than a short one.
 */
const REACH = 512;

/** What kind of trace a line begins. */
export type TraceKind = 'error' | 'python' | 'go' | 'rust' | 'ruby' | 'php';

const STARTS: readonly (readonly [TraceKind, RegExp])[] = [
  ['python', /^\s{0,8}(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):/],
  ['go', /^(?:panic: |fatal error: )/],
  ['rust', /^thread '[^']*' (?:\(\d+\) )?panicked at/],
  ['ruby', /^\S+\.rb:\d+:in [`'][^']*': /],
  ['php', /^(?:PHP )?(?:Fatal|Recoverable fatal) error:\s+Uncaught /],
  // V8, Java and C#: `TypeError: …`, `Error [ERR_X]: …`, `java.lang.IllegalStateException: …`, `Uncaught Error: …`.
  [
    'error',
    /^(?:Uncaught |Unhandled exception\. |Exception in thread "[^"]*" )?(?:[\w$]+\.)*(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?(?::|$)/,
  ],
  ['error', /^Exception in thread "[^"]*" [\w$.]+/],
];

/** The trace that the line begins, if any. */
export function traceStartOf(line: string): TraceKind | undefined {
  const head = line.slice(0, REACH);
  return STARTS.find(([, pattern]) => pattern.test(head))?.[0];
}

/** `    at f (file:1:2)`, `\tat a.B.c(B.java:1)`, `   at A.B() in B.cs:line 1`, `\tfrom a.rb:1:in 'b'`. */
export function isFrame(line: string): boolean {
  return /^[ \t]{1,16}(?:at |from \S+:\d+:in )\S/.test(line.slice(0, REACH));
}

/** A frame that names its place, by which a trace without a known headline is found. */
export function isSureFrame(line: string): boolean {
  return isFrame(line) && /:\d|\(.*\)$| in /.test(line.slice(0, REACH));
}

/** Lines at the margin that go on with a trace, whatever its language. */
const GOES_ON =
  /^(?:Caused by: |Suppressed: |caused by: |During handling of the above exception|The above exception was the direct cause|goroutine \d+ |\[signal |created by |exit status \d|Stack trace:|\[stacktrace\]|#\d+ |note: |stack backtrace:|--- End of |---> |[}\])]{1,4},?$)/;

/** True for a line at the margin that goes on with a trace: a cause, a goroutine, a note. */
export function goesOn(line: string): boolean {
  return GOES_ON.test(line.slice(0, REACH));
}

/** A call in a Go trace: `main.(*Server).handle(0xc000012345, {0x1, 0x2})`. */
export function isGoCall(line: string): boolean {
  return /^[\w./*()[\]{}$·-]{1,300}\(/.test(line.slice(0, REACH));
}

/** Lines on their way to stdout. */
export interface LineWriter {
  write(line: string): void;
  /** Writes now what waits. */
  flush(): void;
}

/** More characters than this do not wait. */
const MAX_WAITING = 65_536;
/** UTF-8 takes no more than three bytes for what is one character of JavaScript. */
const MAX_BYTES_EACH = 3;

/**
 * Writes lines to stdout, those of one turn of the event loop in one go: each write is a system call, and a batch
 * from a queue makes many lines at once. Whoever promises that they are out flushes; the end of the process does.
 */
function createStdoutWriter(): LineWriter {
  let waiting = '';
  let isWatching = false;
  let bytes: Buffer | undefined;
  const flush = () => {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    if (text.length > MAX_WAITING) {
      process.stdout.write(text);
      return;
    }
    bytes ??= Buffer.allocUnsafeSlow(MAX_WAITING * MAX_BYTES_EACH);
    process.stdout.write(bytes.subarray(0, bytes.write(text)));
    // Where stdout takes its time, the bytes are still its own.
    if (process.stdout.writableLength > 0) bytes = undefined;
  };
  return {
    flush,
    write(line) {
      if (!isWatching) process.on('exit', flush);
      isWatching = true;
      if (waiting.length + line.length >= MAX_WAITING) flush();
      if (waiting === '') setImmediate(flush);
      waiting += `${line}\n`;
    },
  };
}

/** This process's one. */
export const stdout: LineWriter = createStdoutWriter();

/**
 * Longest line that is looked into. A longer one passes through all the same; 1 MiB is what SQS takes as a
 * message, and no error record comes near it.
 */
const MAX_LINE_BYTES = 1_048_576;

/** Cuts a byte stream into lines, holding no more than the line in hand. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Hands over a last line that has no newline. */
  end(): void;
}

/** `onLine` gets each line without its `\n` or `\r\n`; invalid UTF-8 is shown as replacement characters; undefined for one that is too long. */
export function createLineSplitter(onLine: (line: string | undefined) => void): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;

  const add = (part: Buffer) => {
    size += part.length;
    if (size > MAX_LINE_BYTES) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const finish = () => {
    const line = size > MAX_LINE_BYTES ? undefined : Buffer.concat(parts).toString('utf8');
    parts = [];
    size = 0;
    onLine(line?.endsWith('\r') ? line.slice(0, -1) : line);
  };

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        add(chunk.subarray(start, end));
        finish();
        start = end + 1;
      }
      add(chunk.subarray(start));
    },
    end() {
      if (size > 0) finish();
    },
  };
}

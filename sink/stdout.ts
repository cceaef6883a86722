/**
 * Writes lines to stdout, those of one turn of the event loop in one go: a write is a system call, and a batch from
 * a queue makes many lines at once. They are out before anything that was awaited afterwards goes on.
 */
export function createStdoutWriter(): (line: string) => void {
  let waiting = '';
  const flush = () => {
    const text = waiting;
    waiting = '';
    process.stdout.write(text);
  };
  return (line) => {
    if (waiting === '') queueMicrotask(flush);
    waiting += `${line}\n`;
  };
}

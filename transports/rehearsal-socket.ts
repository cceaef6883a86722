import { Duplex } from 'node:stream';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

/** Stands for the connection to a server in a rehearsal: whatever is asked of it, the answer is yes. */
export class RehearsalSocket extends Duplex {
  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    // A body comes apart from its head, and is no request of its own.
    if (chunk.toString('latin1', 0, 4) === 'POST') setImmediate(() => this.push(ANSWER)).unref();
    callback();
  }
  override _read(): void {}
  // What Node's client asks of a socket.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createInterleaver } from '../../../sink/cli/interleaver.ts';

function setUp() {
  const output = new PassThrough();
  const state = { held: false };
  const out = createInterleaver(output, () => state.held);
  const pass = (text: string) => {
    const chunk = Buffer.from(text);
    const cut = out.cut(chunk);
    out.pass(chunk.subarray(0, cut));
    out.release();
    out.pass(chunk.subarray(cut));
  };
  return { out, pass, state, written: () => String(output.read() ?? '') };
}

describe('lines of our own', () => {
  it('stand between lines', () => {
    const { out, pass, written } = setUp();
    pass('one\n');
    out.insert('*\n');
    pass('two\n');
    expect(written()).toBe('one\n*\ntwo\n');
  });

  it('wait for the end of a line that has begun', () => {
    const { out, pass, written } = setUp();
    pass('on');
    out.insert('*\n');
    pass('e');
    pass('\ntwo\nthr');
    expect(written()).toBe('one\n*\ntwo\nthr');
  });

  it('wait for the end of a record of several lines', () => {
    const { out, pass, state, written } = setUp();
    state.held = true;
    pass('Error: x\n');
    out.insert('*\n');
    pass('    at f\n');
    state.held = false;
    out.release();
    expect(written()).toBe('Error: x\n    at f\n*\n');
  });

  it('come after a last line without newline, on a line of their own', async () => {
    const { out, pass, written } = setUp();
    pass('end');
    out.insert('*\n');
    await out.end();
    expect(written()).toBe('end\n*\n');
  });

  it('are nothing when there are none: not a byte is added', async () => {
    const { out, pass, written } = setUp();
    pass('end');
    await out.end();
    expect(written()).toBe('end');
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDestination } from '../../transports/pino/destination.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'patrol-lines-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("where pino's worker writes lines", () => {
  it('has them at once, whole and in order, whatever their lengths', () => {
    const path = join(directory, 'deep', 'app.log');
    const destination = createDestination(path);
    const texts = [
      'short\n',
      `${'ünïcode – 🙂 '.repeat(2000)}\n`,
      'x\n',
      `${'y'.repeat(1_500_000)}\n`,
      'end\n',
    ];
    for (const text of texts) destination.write(text);
    expect(readFileSync(path, 'utf8')).toBe(texts.join(''));
    destination.close();
  });

  it('touches nothing until the first line', () => {
    const path = join(directory, 'never.log');
    createDestination(path).close();
    expect(existsSync(path)).toBe(false);
  });

  it.runIf(existsSync('/dev/full'))('throws nothing when the disk is full', () => {
    const destination = createDestination('/dev/full');
    expect(() => {
      destination.write('one\n');
      destination.write('two\n');
    }).not.toThrow();
  });
});

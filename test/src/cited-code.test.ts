import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCitedCode } from '../../src/cited-code.ts';
import { LocalFilesCodeProvider } from '../../src/providers/local-files.ts';
import { createRepository, type TestRepository } from '../support/github-server.ts';

const QUOTE = 'const total = order.lines.length;';
let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository();
});
afterEach(() => repository.remove());

const read = (file: string, line: number, quote = QUOTE, verified = true) =>
  readCitedCode(new LocalFilesCodeProvider({ root: repository.directory }), {}, [
    { file, line, quote, verified },
  ]);

describe('the code around a citation', () => {
  it('ends where the file does, and is found again where lines have moved', async () => {
    await repository.commit({ 'a.js': `// new\n// lines\n${QUOTE}` });
    expect((await read('a.js', 1)).code).toEqual([
      {
        file: 'a.js',
        line: 1,
        startLine: 1,
        lines: ['// new', '// lines', QUOTE],
        cited: { startLine: 3, endLine: 3 },
      },
    ]);
  });

  it('is not shown where the quote no longer stands, or never did', async () => {
    await repository.commit({ 'a.js': 'something else', 'b.js': QUOTE });
    expect(await read('a.js', 1)).toEqual({ code: [], complete: true });
    expect(await read('b.js', 1, QUOTE, false)).toEqual({ code: [], complete: true });
  });

  it.each(['.env', '.aws/credentials', 'keys/id_rsa', '../outside.js', '/etc/hostname'])(
    'is never that of %s, whatever an analysis cites',
    async (file) => {
      await repository.commit({ '.env': QUOTE, '.aws/credentials': QUOTE, 'keys/id_rsa': QUOTE });
      expect((await read(file, 1)).code).toEqual([]);
    },
  );

  it('is bounded, whatever the file', async () => {
    const long = `${QUOTE} // ${'x'.repeat(5000)}`;
    await repository.commit({ 'a.js': Array(100).fill(long).join('\n') });
    const { code } = await read('a.js', 1, Array(90).fill(long).join('\n'));
    expect(code[0]?.cited).toEqual({ startLine: 1, endLine: 40 });
    expect(JSON.stringify(code).length).toBeLessThan(30_000);
  });
});

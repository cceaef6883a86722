import { describe, expect, it } from 'vitest';
import { createTextReader, type TextRecord } from '../../../sink/log-lines/text-records.ts';

function read(text: string, threshold = 50): TextRecord[] {
  const records: TextRecord[] = [];
  const reader = createTextReader(threshold, (record) => records.push(record));
  for (const line of text.split('\n')) reader.push(line, undefined);
  reader.close();
  return records;
}

const traces: Readonly<Record<string, string>> = {
  'V8, with properties and a cause': `TypeError: Cannot read properties of undefined (reading 'id')
    at getUser (/app/src/users.js:10:15)
    at async handler (/app/src/server.js:4:3) {
  code: 'E_USER',
  [cause]: Error: inner
      at load (/app/src/db.js:1:1)
}`,
  'V8, a message of several lines': `Error: first
second
third
    at main (/app/index.js:1:7)`,
  'Node, with a code': `TypeError [ERR_INVALID_URL]: Invalid URL
    at new URL (node:internal/url:797:36)`,
  Python: `Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    run()
  File "/app/main.py", line 2, in run
    1 / 0
ZeroDivisionError: division by zero`,
  'Python, chained': `Traceback (most recent call last):
  File "/app/a.py", line 2, in a
    {}["x"]
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/a.py", line 4, in b
    raise ValueError("bad")
ValueError: bad`,
  Java: `Exception in thread "main" java.lang.IllegalStateException: no connection
\tat com.acme.Db.open(Db.java:12)
\tat com.acme.Main.main(Main.java:5)
Caused by: java.net.ConnectException: refused
\tat java.net.Socket.connect(Socket.java:1)
\t... 2 more`,
  Go: `panic: runtime error: index out of range [3] with length 1

goroutine 1 [running]:
main.(*Server).handle(0xc000012345, {0x1, 0x2})
\t/app/main.go:12 +0x1d
main.main()
\t/app/main.go:5 +0x20
exit status 2`,
  Rust: `thread 'main' panicked at src/main.rs:2:5:
called \`Option::unwrap()\` on a \`None\` value
stack backtrace:
   0: std::panicking::begin_panic
             at /rustc/abc/library/std/src/panicking.rs:1:2
note: run with \`RUST_BACKTRACE=full\``,
  Ruby: `app.rb:3:in 'Object#total': undefined method '+' for nil (NoMethodError)
\tfrom app.rb:7:in '<main>'`,
  PHP: `PHP Fatal error:  Uncaught Exception: no such user in /app/user.php:3
Stack trace:
#0 /app/index.php(12): find()
#1 {main}
  thrown in /app/user.php on line 3`,
  'C#': `Unhandled exception. System.InvalidOperationException: not ready
 ---> System.IO.IOException: closed
   at Acme.Db.Read() in /src/Db.cs:line 12
   --- End of inner exception stack trace ---
   at Acme.Program.Main() in /src/Program.cs:line 4`,
};

describe('a stack trace among lines of text', () => {
  it.each(Object.entries(traces))('is one record: %s', (_, trace) => {
    expect(read(`listening on 3000\n${trace}\nnext request`)).toEqual([{ trace }]);
  });

  it('ends where the next one begins', () => {
    const all = Object.values(traces);
    expect(read(all.join('\n')).map(({ trace }) => trace)).toEqual(all);
  });

  it('is found by its frames when its headline looks like any line', () => {
    expect(read('could not save\n    at save (/app/db.js:1:2)\nnext')).toEqual([
      { trace: 'could not save\n    at save (/app/db.js:1:2)' },
    ]);
  });

  it('is seen through colours', () => {
    expect(read('\u001b[31mError: red\u001b[39m\n\u001b[90m    at f (/a.js:1:1)\u001b[39m')).toEqual([
      { trace: 'Error: red\n    at f (/a.js:1:1)' },
    ]);
  });

  it('may be missing: an error without frames takes no line that follows', () => {
    expect(read('Error: alone\nserver is listening')).toEqual([{ trace: 'Error: alone' }]);
  });

  it('is cut when it never ends', () => {
    const [record, ...others] = read(`Error: x\n${'    at f (/a.js:1:1)\n'.repeat(5000)}`);
    expect(record?.trace?.split('\n').length).toBeLessThan(300);
    expect(others).toEqual([]);
  });
});

describe('a line with an error level', () => {
  it.each([
    ['[error] disk full', 'disk full'],
    ['ERROR disk full', 'disk full'],
    ['error: disk full', 'disk full'],
    ['\u001b[31merror\u001b[39m: disk full', 'disk full'],
    ['FATAL: disk full', 'disk full'],
    ['2026-01-02T03:04:05.678Z ERROR disk full', 'disk full'],
    ['2026-01-02 03:04:05,678 - app - CRITICAL - disk full', 'disk full'],
    ['[03:04:05.678] ERROR (1234): disk full', '(1234): disk full'],
    ['2026/01/02 03:04:05 [error] 12#0: disk full', '12#0: disk full'],
    ['2026-01-02 03:04:05.678 ERROR 1 --- [main] c.a.App : disk full', '1 --- [main] c.a.App : disk full'],
    ['Jan  2 03:04:05 host app[12]: ERROR disk full', 'disk full'],
    ['time=2026-01-02 level=error msg="disk full" err=ENOSPC', 'disk full: ENOSPC'],
    ['E0102 03:04:05.678901       1 main.go:12] disk full', 'disk full'],
    ['ERROR:root:disk full', 'root:disk full'],
  ])('is an error: %s', (line, heading) => {
    expect(read(line)).toEqual([{ heading }]);
  });

  it.each([
    'Error handling is on',
    'no error',
    'info: no ERROR here',
    '[info] error handler installed',
    '2026-01-02 03:04:05 INFO the error page is ready',
    'processed 3 items with 0 ERRORS',
    'level=info msg="error budget ok"',
    '  at midnight the job ran',
    '',
  ])('is none: %j', (line) => {
    expect(read(`start\n${line}\nend`)).toEqual([]);
  });

  it('takes the trace that it logged', () => {
    expect(read(`ERROR:root:failed\n${traces.Python}\nINFO:root:next`)).toEqual([
      { heading: 'root:failed', trace: traces.Python },
    ]);
    expect(read('[error] failed\n    at f (/a.js:1:1)')).toEqual([
      { heading: 'failed', trace: '    at f (/a.js:1:1)' },
    ]);
  });

  it('is its own record beside another one', () => {
    expect(read('[error] a\n[error] b')).toEqual([{ heading: 'a' }, { heading: 'b' }]);
  });

  it('counts from the level that is asked for', () => {
    expect(read('[warn] a\n[info] b', 40)).toEqual([{ heading: 'a' }]);
  });
});

import { describe, expect, test } from 'vitest';
import { parseStackTrace } from '../../../src/stacktrace.ts';
import type { ParsedError } from '../../../src/types.ts';

/** The application's frames as `function file`. */
const own = (error: ParsedError | undefined) =>
  error?.frames
    .filter((frame) => frame.inApp)
    .map((frame) => `${frame.function ?? ''} ${frame.file ?? ''}`.trim());

describe('Python', () => {
  const traceback = `Traceback (most recent call last):
  File "/srv/shop/main.py", line 9, in <module>
    main()
    ~~~~^^
  File "/srv/shop/cart/total.py", line 3, in total
    return order.price
  File "/usr/lib/python3.12/json/decoder.py", line 355, in raw_decode
    raise JSONDecodeError("Expecting value", s, err.value) from None
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)`;

  test('frames stand innermost first, the library’s apart', () => {
    const stack = parseStackTrace(traceback);
    expect(stack).toMatchObject({
      language: 'python',
      name: 'json.decoder.JSONDecodeError',
      message: 'Expecting value: line 1 column 1 (char 0)',
    });
    expect(stack.frames.map((frame) => frame.function)).toEqual(['raw_decode', 'total', '<module>']);
    expect(own(stack)).toEqual(['total /srv/shop/cart/total.py', '<module> /srv/shop/main.py']);
  });

  test('the last traceback is the error, those before it its causes', () => {
    const chained = `${traceback}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 7, in load
    raise ProfileError("no profile") from exc
shop.ProfileError: no profile
Try again.`;
    const stack = parseStackTrace(chained);
    expect(stack).toMatchObject({ name: 'shop.ProfileError', message: 'no profile\nTry again.' });
    expect(stack.causes).toMatchObject([{ name: 'json.decoder.JSONDecodeError' }]);
  });

  test('an error during handling is read the same way', () => {
    const stack = parseStackTrace(
      'Traceback (most recent call last):\n  File "/a/x.py", line 1, in f\n    a()\nKeyError: \'a\'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/a/x.py", line 3, in g\n    b()\nValueError: b',
    );
    expect(stack).toMatchObject({ name: 'ValueError', causes: [{ name: 'KeyError', message: "'a'" }] });
  });

  test('the members of an exception group are its causes', () => {
    const stack = parseStackTrace(`  + Exception Group Traceback (most recent call last):
  |   File "/a/x.py", line 4, in main
  |     raise ExceptionGroup("two failed", errors)
  | ExceptionGroup: two failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/a/x.py", line 8, in fetch
    |     raise TimeoutError("late")
    | TimeoutError: late
    +---------------- 2 ----------------
    | ValueError: bad
    +------------------------------------`);
    expect(stack).toMatchObject({ name: 'ExceptionGroup', message: 'two failed (2 sub-exceptions)' });
    expect(stack.causes).toMatchObject([
      { name: 'TimeoutError', message: 'late', frames: [{ function: 'fetch' }] },
      { name: 'ValueError', message: 'bad' },
    ]);
  });

  test('site-packages are not the application’s', () => {
    const stack = parseStackTrace(
      'Traceback (most recent call last):\n  File "/app/.venv/lib/python3.11/site-packages/flask/app.py", line 1, in wsgi_app\n    x()\nRuntimeError: x',
    );
    expect(own(stack)).toEqual([]);
  });
});

describe('Java', () => {
  test('frames, causes, and what stands in front of the class', () => {
    const stack = parseStackTrace(`Exception in thread "main" com.acme.LedgerException: Could not close ledger
\tat com.acme.billing.Ledger.close(Ledger.java:45)
\tat app//com.acme.Main.main(Main.java:42)
\tSuppressed: java.io.IOException: stream closed
\t\tat java.base/java.io.Reader.close(Reader.java:1)
Caused by: java.lang.NullPointerException: Cannot read field "a"
\tat com.acme.billing.Ledger.post(Ledger.java:19)
\tat java.base/java.lang.reflect.Method.invoke(Method.java:569)
\t... 2 more`);
    expect(stack).toMatchObject({
      language: 'java',
      name: 'com.acme.LedgerException',
      message: 'Could not close ledger',
    });
    expect(own(stack)).toEqual([
      'com.acme.billing.Ledger.close com/acme/billing/Ledger.java',
      'com.acme.Main.main com/acme/Main.java',
    ]);
    expect(stack.causes).toHaveLength(1);
    expect(own(stack.causes[0])).toEqual(['com.acme.billing.Ledger.post com/acme/billing/Ledger.java']);
  });

  test('Logback writes the root cause first', () => {
    const stack = parseStackTrace(
      'java.net.ConnectException: refused\n\tat com.acme.Net.open(Net.java:1) ~[app.jar:1.2]\nWrapped by: com.acme.LoadException: no load\n\tat com.acme.Load.run(Load.java:2) [app.jar:na]',
    );
    expect(stack).toMatchObject({
      name: 'com.acme.LoadException',
      causes: [{ name: 'java.net.ConnectException' }],
    });
  });

  test('Kotlin’s files and native methods are read', () => {
    const stack = parseStackTrace(
      'kotlin.KotlinNullPointerException\n\tat com.acme.ShopKt.total(Shop.kt:3)\n\tat com.acme.Native.call(Native Method)',
    );
    expect(stack.name).toBe('kotlin.KotlinNullPointerException');
    expect(stack.frames).toMatchObject([
      { file: 'com/acme/Shop.kt', line: 3 },
      { function: 'com.acme.Native.call' },
    ]);
  });

  test.each([
    'org.springframework.web.servlet.DispatcherServlet.doGet(DispatcherServlet.java:1)',
    'java.base/java.util.ArrayList.get(ArrayList.java:1)',
    'io.netty.channel.Channel.read(Channel.java:1)',
    'com.acme.Cart$$EnhancerBySpringCGLIB$$1a2b3c.total(<generated>)',
  ])('%s is not the application’s', (call) => {
    expect(
      own(parseStackTrace(`java.lang.Error: x\n\tat ${call}\n\tat com.acme.A.b(A.java:1)`)),
    ).toHaveLength(1);
  });
});

describe('Go', () => {
  test('a panic: the first goroutine, without arguments and the runtime', () => {
    const stack = parseStackTrace(`panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f2a1]

goroutine 19 [running]:
acme/fleet/route.(*Planner).Assign(0x60a960?, {0x7ffc17eb4927?, 0x60a970?})
\t/srv/fleet/route/route.go:31 +0x2e
main.main.func2()
\t/srv/fleet/main.go:54 +0x86
created by main.main in goroutine 1
\t/srv/fleet/main.go:52 +0x145

goroutine 1 [chan receive]:
main.wait(...)
\t/srv/fleet/main.go:9 +0x1`);
    expect(stack).toMatchObject({
      language: 'go',
      name: 'panic',
      message: 'runtime error: invalid memory address or nil pointer dereference',
    });
    expect(own(stack)).toEqual([
      'acme/fleet/route.(*Planner).Assign /srv/fleet/route/route.go',
      'main.main.func2 /srv/fleet/main.go',
    ]);
  });

  test('the functions that printed a recovered panic do not count', () => {
    const stack = parseStackTrace(`2024/01/15 07:48:05 http: panic serving [::1]:54143: no order
goroutine 24 [running]:
net/http.(*conn).serve.func1(0xc00007eaa0)
\t/usr/local/go/src/net/http/server.go:1746 +0xd0
panic({0x12472a0?, 0x12ece10?})
\t/usr/local/go/src/runtime/panic.go:513 +0x1b9
main.order(0x12f0ea0)
\t/srv/shop/main.go:8 +0x39`);
    expect(stack.frames.map((frame) => frame.function)).toEqual(['main.order']);
  });

  test('the frames of pkg/errors have no arguments', () => {
    const stack = parseStackTrace(
      'cannot load\nmain.load\n\t/srv/shop/load.go:12\nmain.main\n\t/srv/shop/main.go:3\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:250',
    );
    expect(stack).toMatchObject({ language: 'go', message: 'cannot load' });
    expect(own(stack)).toEqual(['main.load /srv/shop/load.go', 'main.main /srv/shop/main.go']);
  });
});

describe('Rust', () => {
  const backtrace = `stack backtrace:
   0: rust_begin_unwind
             at /rustc/5980761/library/std/src/panicking.rs:689:5
   1: core::option::unwrap_failed
             at /rustc/5980761/library/core/src/option.rs:2236:5
   2: shop::cart::price::h0123456789abcdef
             at ./src/cart.rs:10:15
   3: shop::main::{{closure}}
             at ./src/main.rs:31:66
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`;

  test('a panic with a backtrace', () => {
    const stack = parseStackTrace(
      `\nthread 'worker-5' (8522) panicked at src/cart.rs:10:15:\ncalled \`Option::unwrap()\` on a \`None\` value\n${backtrace}`,
    );
    expect(stack).toMatchObject({
      language: 'rust',
      name: 'panic',
      message: 'called `Option::unwrap()` on a `None` value',
    });
    expect(own(stack)).toEqual(['shop::cart::price ./src/cart.rs', 'shop::main::{{closure}} ./src/main.rs']);
  });

  test('without a backtrace the place of the panic is the frame', () => {
    const stack = parseStackTrace(
      "thread 'main' panicked at src/cart.rs:10:15:\nno price\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    );
    expect(stack).toMatchObject({
      message: 'no price',
      frames: [{ file: 'src/cart.rs', line: 10, column: 15 }],
    });
  });

  test('before 1.73 the message stood in quotes', () => {
    const stack = parseStackTrace("thread 'main' panicked at 'no price', src/cart.rs:10:15");
    expect(stack).toMatchObject({ message: 'no price', frames: [{ file: 'src/cart.rs', line: 10 }] });
  });

  test('the causes that anyhow lists', () => {
    const stack = parseStackTrace(
      `Error: cannot start\n\nCaused by:\n    0: cannot read the settings\n    1: No such file (os error 2)\n\nStack backtrace:\n   0: shop::main\n             at ./src/main.rs:3:5`,
    );
    expect(stack.message).toBe('cannot start');
    expect(stack.causes.map((cause) => cause.message)).toEqual([
      'cannot read the settings',
      'No such file (os error 2)',
    ]);
  });
});

describe('Ruby', () => {
  test.each([
    ['before 3.4', '`', 'owner', 'Integer'],
    ['since 3.4', "'", 'Cart#owner', 'Kernel#Integer'],
  ])('%s: error, callers and cause', (_version, quote, method, native) => {
    const stack =
      parseStackTrace(`/srv/cart/lib/cart.rb:38:in ${quote}${method}': checkout failed (CheckoutError)
\tfrom /srv/cart/main.rb:15:in ${quote}dispatch'
\tfrom /usr/lib/ruby/gems/3.1.0/gems/rack-2.2/lib/rack.rb:1:in ${quote}call'
/srv/cart/lib/cart.rb:32:in ${quote}${native}': invalid value for Integer(): "x" (ArgumentError)
\tfrom /srv/cart/lib/cart.rb:32:in ${quote}ship'`);
    expect(stack).toMatchObject({ language: 'ruby', name: 'CheckoutError', message: 'checkout failed' });
    expect(own(stack)).toEqual([`${method} /srv/cart/lib/cart.rb`, 'dispatch /srv/cart/main.rb']);
    // `Integer` is Ruby's own: it stands in the line that calls it.
    expect(stack.causes).toMatchObject([
      { name: 'ArgumentError', message: 'invalid value for Integer(): "x"' },
    ]);
    expect(own(stack.causes[0])).toEqual(['ship /srv/cart/lib/cart.rb']);
  });

  test('as Rails logs it', () => {
    const stack = parseStackTrace(`ActionView::Template::Error (undefined method 'name' for nil):
\u0020\u0020
app/models/user.rb:12:in \`block (2 levels) in full_name'
actionpack (7.0.1) lib/action_dispatch/routing.rb:3:in \`call'`);
    expect(stack).toMatchObject({
      language: 'ruby',
      name: 'ActionView::Template::Error',
      message: "undefined method 'name' for nil",
    });
    expect(own(stack)).toEqual(['full_name app/models/user.rb']);
  });
});

describe('PHP', () => {
  test('each frame names the file of its own code', () => {
    const stack =
      parseStackTrace(`PHP Fatal error:  Uncaught Acme\\DeliveryException: Invalid recipient in /srv/mail/src/Mailer.php:28
Stack trace:
#0 /srv/mail/src/Mailer.php(22): Acme\\Mailer->deliver('x')
#1 /srv/mail/vendor/acme/bus/Bus.php(5): Acme\\Mailer->send()
#2 /srv/mail/main.php(30): dispatch()
#3 {main}
  thrown in /srv/mail/src/Mailer.php on line 28`);
    expect(stack).toMatchObject({
      language: 'php',
      name: 'Acme\\DeliveryException',
      message: 'Invalid recipient',
    });
    expect(own(stack)).toEqual([
      'Acme\\Mailer->deliver /srv/mail/src/Mailer.php',
      'Acme\\Mailer->send /srv/mail/src/Mailer.php',
      '{main} /srv/mail/main.php',
    ]);
  });

  test('a chain ends with the outermost error', () => {
    const stack = parseStackTrace(`PDOException: refused in /srv/a/Db.php:3
Stack trace:
#0 /srv/a/Db.php(9): PDO->__construct()
#1 {main}

Next App\\StoreException: no store in /srv/a/Store.php:12
Stack trace:
#0 /srv/a/main.php(4): App\\Store->open()
#1 {main}`);
    expect(stack).toMatchObject({
      name: 'App\\StoreException',
      message: 'no store',
      causes: [{ name: 'PDOException', message: 'refused' }],
    });
  });

  test('the forms of PHP 5 and of Monolog', () => {
    const trace = '\n#0 /srv/a/x.php(9): func1()\n#1 {main}';
    expect(
      parseStackTrace(
        `exception 'Exception' with message 'Custom one' in /srv/a/x.php:5\nStack trace:${trace}`,
      ),
    ).toMatchObject({ name: 'Exception', message: 'Custom one' });
    expect(
      parseStackTrace(`[object] (App\\Oops(code: 0): no luck at /srv/a/x.php:5)\n[stacktrace]${trace}`),
    ).toMatchObject({ name: 'App\\Oops', message: 'no luck' });
  });

  test('where a TypeError was called from is no part of its message', () => {
    const stack = parseStackTrace(
      'PHP Fatal error:  Uncaught TypeError: f(): Argument #1 ($to) must be of type string, array given, called in /srv/a/x.php on line 15 and defined in /srv/a/y.php:18\nStack trace:\n#0 /srv/a/x.php(15): f()\n#1 {main}',
    );
    expect(stack.message).toBe('f(): Argument #1 ($to) must be of type string, array given');
  });
});

describe('C#', () => {
  test('.NET: each error has its own stack', () => {
    const stack = parseStackTrace(`System.InvalidOperationException: outer
 ---> Acme.PickException: inner
   at Acme.Picker.Depth(String id) in /srv/wh/Picker.cs:line 27
   --- End of inner exception stack trace ---
   at Acme.Picker.Pick(String id) in /srv/wh/Picker.cs:line 33
   at System.Threading.Tasks.Task.Execute()`);
    expect(stack).toMatchObject({
      language: 'csharp',
      name: 'System.InvalidOperationException',
      message: 'outer',
    });
    expect(own(stack)).toEqual(['Acme.Picker.Pick /srv/wh/Picker.cs']);
    expect(stack.causes).toMatchObject([{ name: 'Acme.PickException', message: 'inner' }]);
    expect(own(stack.causes[0])).toEqual(['Acme.Picker.Depth /srv/wh/Picker.cs']);
  });

  test('Mono: offsets and module ids are no part of a frame', () => {
    const stack = parseStackTrace(`System.Exception: x
  at System.Collections.Generic.Dictionary\`2[TKey,TValue].get_Item (TKey key) [0x00021] in <12b418a7818c4ca0893feeaaf67f1e7f>:0 
  at Acme.Picker.Find (System.String sku) [0x00008] in /srv/wh/Warehouse.cs:18 `);
    expect(own(stack)).toEqual(['Acme.Picker.Find /srv/wh/Warehouse.cs']);
  });

  test.each([
    ['Acme.Picker.<PickAsync>d__2.MoveNext()', 'Acme.Picker.PickAsync'],
    ['Acme.Picker.<>c__DisplayClass5_0.<Pick>b__0(Order o)', 'Acme.Picker.Pick'],
    ['Acme.Picker+<Async>c__AnonStorey0.<>m__0 ()', 'Acme.Picker.Async'],
    ['Acme.Picker.<Pick>g__Local|3_0(Int32 i)', 'Acme.Picker.Pick'],
    ['Acme.Box`1.Open(T item)', 'Acme.Box.Open'],
  ])('%s is written by the compiler for %s', (call, method) => {
    const stack = parseStackTrace(`System.Exception: x\n   at ${call} in /srv/wh/P.cs:line 1`);
    expect(stack.frames[0]?.function).toBe(method);
  });
});

describe('what is no stack', () => {
  test('is an error without frames', () => {
    expect(parseStackTrace('connection refused')).toEqual({
      language: 'unknown',
      message: 'connection refused',
      frames: [],
      causes: [],
    });
  });

  test('may still name its class', () => {
    expect(parseStackTrace('TypeError: x is not a function')).toMatchObject({
      name: 'TypeError',
      message: 'x is not a function',
    });
  });

  test.each([undefined, null, 12, {}, [], Symbol('x')])('%o does not throw', (value) => {
    expect(parseStackTrace(value as unknown as string).frames).toEqual([]);
  });

  test('a stack of several megabytes is read in part', () => {
    const stack = parseStackTrace(`Error: x\n${'    at f (/app/a.js:1:2)\n'.repeat(200_000)}`);
    expect(stack.frames.length).toBeLessThanOrEqual(200);
  });
});

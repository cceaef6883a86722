/**
 * Stacks of other languages, written as their runtimes write them. `v` holds what varies: `root`, `line(n)` (a line
 * that moves), `id`, `hex`, `number`.
 */
export const STACKS = {
  'py.total.none': (v) => ({
    name: 'AttributeError',
    message: "'NoneType' object has no attribute 'total'",
    stack: `Traceback (most recent call last):
  File "${v.root}/main.py", line ${v.line(9)}, in <module>
    run()
    ~~~^^
  File "${v.root}/shop/pricing.py", line ${v.line(17)}, in order_total
    return order.customer.total
AttributeError: 'NoneType' object has no attribute 'total'`,
  }),
  'py.invoice.none': (v) => ({
    name: 'AttributeError',
    message: "'NoneType' object has no attribute 'total'",
    stack: `Traceback (most recent call last):
  File "${v.root}/main.py", line ${v.line(9)}, in <module>
    run()
  File "${v.root}/shop/pricing.py", line ${v.line(23)}, in invoice_total
    return order.customer.total
AttributeError: 'NoneType' object has no attribute 'total'`,
  }),
  'py.profile.key': (v) => ({
    name: 'ProfileError',
    message: `cannot load profile ${v.id}`,
    stack: `Traceback (most recent call last):
  File "${v.root}/shop/store.py", line ${v.line(5)}, in load_profile
    return profiles[uid]
KeyError: '${v.id}'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "${v.root}/main.py", line ${v.line(4)}, in <module>
    run()
  File "${v.root}/shop/store.py", line ${v.line(8)}, in load_profile
    raise ProfileError("cannot load profile %s" % uid) from exc
shop.store.ProfileError: cannot load profile ${v.id}`,
  }),
  'py.flatten.recursion': (v) => ({
    name: 'RecursionError',
    message: 'maximum recursion depth exceeded',
    stack: `Traceback (most recent call last):
  File "${v.root}/main.py", line ${v.line(4)}, in <module>
    run()
${`  File "${v.root}/shop/tree.py", line ${v.line(12)}, in flatten
    return join(node)
  File "${v.root}/shop/tree.py", line ${v.line(16)}, in join
    return flatten(node)
`.repeat(60 + v.number)}RecursionError: maximum recursion depth exceeded`,
  }),
  'java.close.number': (v) => ({
    name: 'com.acme.billing.LedgerException',
    message: `Could not close ledger L${v.number}`,
    stack: `Exception in thread "worker-${v.number}" com.acme.billing.LedgerException: Could not close ledger L${v.number}
\tat com.acme.billing.Ledger.close(Ledger.java:${v.line(45)})
\tat com.acme.Main.main(Main.java:${v.line(12)})
Caused by: java.lang.NumberFormatException: For input string: "L${v.number}"
\tat java.base/java.lang.Integer.parseInt(Integer.java:668)
\tat com.acme.billing.Ledger.parse(Ledger.java:${v.line(30)})
\t... 1 more`,
  }),
  'java.close.null': (v) => ({
    name: 'com.acme.billing.LedgerException',
    message: `Could not close ledger L${v.number}`,
    stack: `Exception in thread "worker-${v.number}" com.acme.billing.LedgerException: Could not close ledger L${v.number}
\tat com.acme.billing.Ledger.close(Ledger.java:${v.line(45)})
\tat com.acme.Main.main(Main.java:${v.line(12)})
Caused by: java.lang.NullPointerException: Cannot read field "account" because "<parameter1>" is null
\tat com.acme.billing.Ledger.post(Ledger.java:${v.line(33)})
\t... 1 more`,
  }),
  'java.sum.lambda': (v) => ({
    name: 'java.lang.IllegalStateException',
    message: `entry ${v.hex} has no amount`,
    stack: `java.lang.IllegalStateException: entry ${v.hex} has no amount
\tat com.acme.billing.Ledger.lambda$sum$${v.number % 4}(Ledger.java:${v.line(48)})
\tat java.base/java.util.stream.ReferencePipeline$4$1.accept(ReferencePipeline.java:214)
\tat com.acme.billing.Ledger.sum(Ledger.java:${v.line(48)})`,
  }),
  'go.assign.nil': (v) => ({
    message: 'assignment to entry in nil map',
    stack: `panic: assignment to entry in nil map

goroutine ${v.number} [running]:
acme/fleet/route.Assign(0x${v.hexDigits}?, {0xc000${v.hexDigits}?, 0x1})
\t${v.root}/route/route.go:${v.line(31)} +0x2e
main.main.func${1 + (v.number % 3)}()
\t${v.root}/main.go:${v.line(54)} +0x86
created by main.main in goroutine 1
\t${v.root}/main.go:${v.line(52)} +0x145`,
  }),
  'go.dial.refused': (v) => ({
    message: `connect dispatcher: dial tcp 127.0.0.1:${v.number + 1000}: connect: connection refused`,
    stack: `panic: connect dispatcher: dial tcp 127.0.0.1:${v.number + 1000}: connect: connection refused

goroutine ${v.number} [running]:
main.connect({0x7ffc${v.hexDigits}, 0xf})
\t${v.root}/main.go:${v.line(28)} +0x217`,
  }),
  'rs.price.unwrap': (v) => rust(v, 'price', 'called `Option::unwrap()` on a `None` value'),
  'rs.stock.unwrap': (v) => rust(v, 'stock', 'called `Option::unwrap()` on a `None` value'),
  'rs.parse.expect': (v) =>
    rust(v, 'parse', 'quantity must be numeric: ParseIntError { kind: InvalidDigit }'),
  'rb.owner.nil': (v) => ({
    name: 'NoMethodError',
    message: "undefined method 'name' for nil",
    stack: `${v.root}/lib/cart.rb:${v.line(38)}:in 'Cart#owner': undefined method 'name' for nil (NoMethodError)
\tfrom ${v.root}/main.rb:${v.line(15)}:in '<main>'`,
  }),
  'rb.ship.argument': (v) => ({
    name: 'ArgumentError',
    message: `invalid value for Integer(): "zip-${v.number}"`,
    stack: `${v.root}/lib/cart.rb:${v.line(21)}:in \`Integer': invalid value for Integer(): "zip-${v.number}" (ArgumentError)
\tfrom ${v.root}/lib/cart.rb:${v.line(21)}:in \`ship'
\tfrom ${v.root}/main.rb:${v.line(10)}:in \`<main>'`,
  }),
  'php.send.recipient': (v) => ({
    name: 'Acme\\DeliveryException',
    message: `Invalid recipient user${v.number}`,
    stack: `PHP Fatal error:  Uncaught Acme\\DeliveryException: Invalid recipient user${v.number} in ${v.root}/src/Mailer.php:${v.line(28)}
Stack trace:
#0 ${v.root}/src/Mailer.php(${v.line(22)}): Acme\\Mailer->deliver()
#1 ${v.root}/main.php(${v.line(21)}): Acme\\Mailer->send()
#2 {main}
  thrown in ${v.root}/src/Mailer.php on line ${v.line(28)}`,
  }),
  'cs.pick.format': (v) =>
    csharp(v, 'System.FormatException: Input string was not in a correct format.', 'Count'),
  'cs.pick.null': (v) =>
    csharp(v, 'System.NullReferenceException: Object reference not set to an instance', 'Depth'),
};

const rust = (v, name, message) => ({
  message,
  stack: `
thread 'worker-${v.number}' (${v.number + 8000}) panicked at ${v.root}/src/cart.rs:${v.line(10)}:15:
${message}
stack backtrace:
   0: rust_begin_unwind
             at /rustc/${v.hex}/library/std/src/panicking.rs:689:5
   1: core::option::Option<T>::unwrap
             at /rustc/${v.hex}/library/core/src/option.rs:1016:21
   2: shop::cart::${name}::h${v.hexDigits.padEnd(16, '0')}
             at ./src/cart.rs:${v.line(10)}:15
   3: shop::main::{{closure}}
             at ./src/main.rs:${v.line(31)}:66`,
});

const csharp = (v, inner, method) => ({
  name: 'Acme.PickException',
  message: `Pick list P${v.number} aborted`,
  stack: `Acme.PickException: Pick list P${v.number} aborted
 ---> ${inner}
   at System.Int32.Parse(String s)
   at Acme.Picker.${method}(String id) in ${v.root}/Picker.cs:line ${v.line(28)}
   --- End of inner exception stack trace ---
   at Acme.Picker.Pick(String id) in ${v.root}/Picker.cs:line ${v.line(33)}
   at Program.Main(String[] args) in ${v.root}/Program.cs:line ${v.line(8)}`,
});

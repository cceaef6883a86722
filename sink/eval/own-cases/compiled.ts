import type { OwnCase } from './own-case.ts';

const rustCargoFiles = {
  'src/main.rs': `mod parser;

fn main() {
    let amounts = parser::amounts("12;x7;3");
    println!("{}", amounts.iter().sum::<i64>());
}
`,
  'src/parser.rs': `/// Reads amounts that are parted by semicolons.
pub fn amounts(text: &str) -> Vec<i64> {
    text.split(';').map(amount).collect()
}

fn amount(field: &str) -> i64 {
    field.trim().parse::<i64>().unwrap()
}
`,
};

const goModuleFiles = {
  'go.mod': `module github.com/acme/ledger

go 1.22
`,
  'cmd/ledger/main.go': `package main

import (
	"fmt"

	"github.com/acme/ledger/internal/accounts"
)

func main() {
	book := accounts.NewBook()
	fmt.Println(book.Transfer("a-1", "a-9", 500))
}
`,
  'internal/accounts/book.go': `package accounts

// Account holds cents.
type Account struct {
	ID    string
	Cents int64
}

// Book holds all accounts.
type Book struct {
	accounts map[string]*Account
}

// NewBook opens a book with one account.
func NewBook() *Book {
	return &Book{accounts: map[string]*Account{"a-1": {ID: "a-1", Cents: 1000}}}
}

func (b *Book) find(id string) *Account {
	return b.accounts[id]
}

// Transfer moves cents between accounts.
func (b *Book) Transfer(from, to string, cents int64) int64 {
	source, target := b.find(from), b.find(to)
	source.Cents -= cents
	target.Cents += cents
	return target.Cents
}
`,
};

const csharpSolutionFiles = {
  'Shop.sln': `# solution
`,
  'src/Shop.Api/Controllers/OrdersController.cs': `using Shop.Core.Orders;

namespace Shop.Api.Controllers;

public sealed class OrdersController
{
    private readonly OrderService _orders = new();

    public decimal Total(int id)
    {
        return _orders.TotalOf(id);
    }
}
`,
  'src/Shop.Core/Orders/OrderService.cs': `namespace Shop.Core.Orders;

public sealed class OrderService
{
    private readonly Dictionary<int, Order> _orders = new() { [1] = new Order(20m, null) };

    public decimal TotalOf(int id)
    {
        var order = _orders[id];
        return order.Amount - order.Discount!.Amount;
    }
}

public sealed record Discount(decimal Amount);

public sealed record Order(decimal Amount, Discount? Discount);
`,
};

/** Failures in Go, Rust and C#. */
export const compiledCases: readonly OwnCase[] = [
  {
    id: 'rust-cargo',
    layout: 'a Cargo crate',
    language: 'rust',
    kind: 'fix-in-stack',
    recorded: true,
    files: rustCargoFiles,
    errorLog: {
      name: 'panic',
      message: 'called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }',
      stackTrace: `thread 'main' panicked at src/parser.rs:7:33:
called \`Result::unwrap()\` on an \`Err\` value: ParseIntError { kind: InvalidDigit }
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:80:14
   2: core::result::unwrap_failed
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/result.rs:1867:5
   3: core::result::Result<T,E>::unwrap
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/result.rs:1233:23
   4: main::parser::amount
             at ./src/parser.rs:7:33
   5: core::iter::traits::iterator::Iterator::collect
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/iter/traits/iterator.rs:2064:9
   6: main::parser::amounts
             at ./src/parser.rs:3:33
   7: main::main
             at ./src/main.rs:4:19`,
    },
    fixed: [{ path: 'src/parser.rs', ranges: [[7, 7]], functions: [{ range: [6, 8], name: 'amount' }] }],
  },
  {
    id: 'go-module',
    layout: 'a Go module, built in a container',
    language: 'go',
    kind: 'fix-in-stack',
    recorded: false,
    files: goModuleFiles,
    errorLog: {
      name: 'runtime error',
      message: 'invalid memory address or nil pointer dereference',
      stackTrace: `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x10 pc=0x48f0a5]

goroutine 1 [running]:
github.com/acme/ledger/internal/accounts.(*Book).Transfer(0xc000012345, {0x4a1b2c, 0x3}, {0x4a1b30, 0x3}, 0x1f4)
	/src/internal/accounts/book.go:26 +0x85
main.main()
	/src/cmd/ledger/main.go:11 +0x4f
exit status 2`,
    },
    fixed: [
      {
        path: 'internal/accounts/book.go',
        ranges: [[27, 27]],
        functions: [{ range: [24, 29], name: 'Transfer' }],
      },
    ],
  },
  {
    id: 'go-callee',
    layout: 'the same, mended where the account is looked up',
    language: 'go',
    kind: 'fix-not-in-stack',
    recorded: false,
    files: goModuleFiles,
    errorLog: {
      name: 'runtime error',
      message: 'invalid memory address or nil pointer dereference',
      stackTrace: `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x10 pc=0x48f0a5]

goroutine 1 [running]:
github.com/acme/ledger/internal/accounts.(*Book).Transfer(0xc000012345, {0x4a1b2c, 0x3}, {0x4a1b30, 0x3}, 0x1f4)
	/home/runner/work/ledger/ledger/internal/accounts/book.go:26 +0x85
main.main()
	/home/runner/work/ledger/ledger/cmd/ledger/main.go:11 +0x4f`,
    },
    fixed: [
      {
        path: 'internal/accounts/book.go',
        ranges: [[20, 20]],
        functions: [{ range: [19, 21], name: 'find' }],
      },
    ],
  },
  {
    id: 'csharp-solution',
    layout: 'a .NET solution, built by a CI agent on Windows',
    language: 'csharp',
    kind: 'fix-in-stack',
    recorded: false,
    files: csharpSolutionFiles,
    errorLog: {
      name: 'System.NullReferenceException',
      message: 'Object reference not set to an instance of an object.',
      stackTrace: `System.NullReferenceException: Object reference not set to an instance of an object.
   at Shop.Core.Orders.OrderService.TotalOf(Int32 id) in D:\\a\\shop\\shop\\src\\Shop.Core\\Orders\\OrderService.cs:line 10
   at Shop.Api.Controllers.OrdersController.Total(Int32 id) in D:\\a\\shop\\shop\\src\\Shop.Api\\Controllers\\OrdersController.cs:line 11`,
    },
    fixed: [
      {
        path: 'src/Shop.Core/Orders/OrderService.cs',
        ranges: [[10, 10]],
        functions: [{ range: [7, 11], name: 'TotalOf' }],
      },
    ],
  },
];

import type { Lines } from '../case.ts';
import type { OwnCase } from './own-case.ts';

type Files = Readonly<Record<string, string>>;

/** A case whose fix is one function, found by a line of it that stands nowhere else in the file. */
function hardCase(
  head: Pick<OwnCase, 'id' | 'language' | 'kind' | 'layout'>,
  files: Files,
  errorLog: OwnCase['errorLog'],
  fix: { readonly path: string; readonly name: string; readonly lines: Lines; readonly line: number },
): OwnCase {
  const { path, name, lines, line } = fix;
  const fixed = [{ path, ranges: [[line, line] as const], functions: [{ range: lines, name }] }];
  return { ...head, recorded: false, files, errorLog, fixed };
}

const rate = (table: string): string =>
  `const TABLE = ${table};\n\nfunction cost(order) {\n  const row = TABLE[order.zone];\n  return row.base + row.each * order.count;\n}\n\nmodule.exports = { cost };\n`;

/** Three packages with the same file names, deployed from their folders to one path. */
const SAME_NAMES: Files = {
  'packages/shipping/src/cost.js': rate('{ inland: { base: 5, each: 1 } }'),
  'packages/pricing/src/cost.js': rate('{ book: { base: 0, each: 12 } }'),
  'packages/refunds/src/cost.js': rate('{}'),
  'packages/shipping/package.json': '{"name": "@acme/shipping"}\n',
  'packages/pricing/package.json': '{"name": "@acme/pricing"}\n',
};

const TAX_TEST = `import { priceWithTax } from '@acme/tax';

describe('tax', () => {
  it('is rounded half up', () => {
    expect(priceWithTax(10.125, 'DE')).toBe(12.05);
  });
});
`;
const TAX = `import { roundCents } from './rounding.js';

const RATES: Record<string, number> = { DE: 0.19 };

export function priceWithTax(net: number, country: string): number {
  return roundCents(net * (1 + (RATES[country] ?? 0)));
}
`;
const ROUNDING = `export function roundCents(amount: number): number {
  return Math.floor(amount * 100) / 100;
}
`;

const PYTHON_JOBS: Files = {
  'src/acme_jobs/__init__.py': 'from .runner import run\n',
  'src/acme_jobs/runner.py':
    'from .schedule import next_slot\n\n\ndef run(job, clock):\n    slot = next_slot(job, clock.now())\n    return {"job": job["name"], "at": slot.isoformat()}\n',
  'src/acme_jobs/schedule.py':
    'from datetime import timedelta\n\n\ndef next_slot(job, now):\n    if job["every"] == 0:\n        return None\n    return now + timedelta(minutes=job["every"])\n',
};

const GO_LEDGER: Files = {
  'go.mod': 'module github.com/acme/ledger\n\ngo 1.22\n',
  'internal/accounts/book.go':
    'package accounts\n\ntype Book struct{ store *Store }\n\nfunc (b *Book) Balance(id string) int {\n\taccount := b.store.Find(id)\n\treturn account.Balance\n}\n',
  'internal/accounts/store.go':
    'package accounts\n\ntype Account struct{ Balance int }\n\ntype Store struct{ all map[string]*Account }\n\nfunc (s *Store) Find(id string) *Account {\n\treturn s.all[id]\n}\n',
  'internal/orders/store.go':
    'package orders\n\ntype Store struct{}\n\nfunc (s *Store) Find(id string) string {\n\treturn id\n}\n',
};

const JAVA_SHOP: Files = {
  'core/src/main/java/com/acme/core/Money.java':
    'package com.acme.core;\n\npublic final class Money {\n    private final long cents;\n\n    public Money(long cents) {\n        this.cents = cents;\n    }\n\n    public static Money parse(String text) {\n        String[] parts = text.split(",");\n        return new Money(Long.parseLong(parts[0]) * 100 + Long.parseLong(parts[1]));\n    }\n}\n',
  'web/src/main/java/com/acme/web/OrderController.java':
    'package com.acme.web;\n\nimport com.acme.core.Money;\n\npublic class OrderController {\n    public String create(String body) {\n        Money price = Money.parse(body);\n        return price.toString();\n    }\n}\n',
};

/** Failures whose fix is not where the stack ends, or whose paths say little: what a real repository does to an analysis. */
export const hardCases: readonly OwnCase[] = [
  hardCase(
    {
      id: 'hard-same-names',
      language: 'javascript',
      kind: 'fix-in-stack',
      layout: 'a monorepo whose packages have files of the same name, on Windows',
    },
    SAME_NAMES,
    {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'base')",
      stackTrace:
        "TypeError: Cannot read properties of undefined (reading 'base')\n    at cost (D:\\apps\\shop\\packages\\pricing\\src\\cost.js:5:14)\n    at D:\\apps\\shop\\node_modules\\express\\lib\\router\\layer.js:95:5",
    },
    { path: 'packages/pricing/src/cost.js', name: 'cost', lines: [3, 6], line: 4 },
  ),
  hardCase(
    {
      id: 'hard-test-only',
      language: 'typescript',
      kind: 'noInApp',
      layout: 'a test of one package that names another, which passes on to a third file',
    },
    {
      'packages/web/test/tax.test.ts': TAX_TEST,
      'packages/tax/src/index.ts': TAX,
      'packages/tax/src/rounding.ts': ROUNDING,
      'packages/web/src/index.ts': "export const name = 'web';\n",
    },
    {
      name: 'AssertionError',
      message: 'expected 12.04 to be 12.05',
      stackTrace:
        'AssertionError: expected 12.04 to be 12.05\n    at /builds/shop/packages/web/test/tax.test.ts:5:39\n    at node_modules/vitest/dist/runner.js:135:14',
    },
    { path: 'packages/tax/src/rounding.ts', name: 'roundCents', lines: [1, 3], line: 2 },
  ),
  hardCase(
    {
      id: 'hard-python-installed',
      language: 'python',
      kind: 'noInApp',
      layout:
        'a Python package of another name than its repository, installed; the fault one call away from the line that failed',
    },
    PYTHON_JOBS,
    {
      name: 'AttributeError',
      message: "'NoneType' object has no attribute 'isoformat'",
      stackTrace:
        'Traceback (most recent call last):\n  File "/usr/local/lib/python3.12/site-packages/acme_jobs/runner.py", line 6, in run\n    return {"job": job["name"], "at": slot.isoformat()}\n                                      ^^^^^^^^^^^^^^\nAttributeError: \'NoneType\' object has no attribute \'isoformat\'',
    },
    { path: 'src/acme_jobs/schedule.py', name: 'next_slot', lines: [4, 7], line: 6 },
  ),
  hardCase(
    {
      id: 'hard-go-package',
      language: 'go',
      kind: 'fix-not-in-stack',
      layout: 'a Go module built with -trimpath, the fault in another file of the package',
    },
    GO_LEDGER,
    {
      message: 'runtime error: invalid memory address or nil pointer dereference',
      stackTrace:
        'panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine 1 [running]:\ngithub.com/acme/ledger/internal/accounts.(*Book).Balance(...)\n\tgithub.com/acme/ledger/internal/accounts/book.go:7 +0x1d\nmain.main()\n\t/usr/local/go/src/runtime/proc.go:271 +0x29d',
    },
    { path: 'internal/accounts/store.go', name: 'Find', lines: [7, 9], line: 8 },
  ),
  hardCase(
    {
      id: 'hard-java-modules',
      language: 'java',
      kind: 'fix-not-in-stack',
      layout: 'Maven modules behind a framework that cut the stack',
    },
    JAVA_SHOP,
    {
      name: 'java.lang.ArrayIndexOutOfBoundsException',
      message: 'Index 1 out of bounds for length 1',
      stackTrace:
        'java.lang.ArrayIndexOutOfBoundsException: Index 1 out of bounds for length 1\n\tat com.acme.web.OrderController.create(OrderController.java:7)\n\tat org.springframework.web.method.support.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:205)',
    },
    { path: 'core/src/main/java/com/acme/core/Money.java', name: 'parse', lines: [10, 13], line: 12 },
  ),
  hardCase(
    {
      id: 'hard-bundle',
      language: 'javascript',
      kind: 'fix-not-in-stack',
      layout: 'a bundle without its map: only the message names the code',
    },
    {
      'src/checkout/voucher.js':
        "export function redeemVoucher(code, book) {\n  const voucher = book.find((one) => one.code === code);\n  if (voucher.used) throw new Error('voucher already redeemed');\n  return voucher;\n}\n",
      'src/checkout/cart.js': 'export const cart = [];\n',
      'src/index.js': "import './checkout/cart.js';\n",
    },
    {
      name: 'Error',
      message: 'voucher already redeemed',
      stackTrace:
        'Error: voucher already redeemed\n    at r (/srv/app/bundle.8f3a1c.js:1:20931)\n    at t (/srv/app/bundle.8f3a1c.js:1:4410)',
    },
    { path: 'src/checkout/voucher.js', name: 'redeemVoucher', lines: [1, 5], line: 3 },
  ),
];

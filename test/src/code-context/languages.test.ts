import { describe, expect, it } from 'vitest';
import { gatherCodeContext } from '../../../src/code-context.ts';
import { createPathIndex, matchPath } from '../../../src/path-mapping.ts';
import { parseStackTrace } from '../../../src/stacktrace.ts';
import type { RepositoryCodeProvider } from '../../../src/types.ts';

/** A repository in memory: the least that a provider of one's own has to do. */
function repositoryOf(files: Readonly<Record<string, string>>): RepositoryCodeProvider {
  const index = createPathIndex(Object.keys(files));
  return {
    name: 'memory',
    assertAllowed: () => {},
    locate: async (_repository, stackPath) => matchPath(stackPath, index),
    readFile: async (_repository, path) => {
      const text = files[path];
      return text === undefined ? undefined : { path, text };
    },
    listFiles: async () => Object.keys(files),
  };
}

/** The functions that are shown for an error, most telling first. */
async function shown(
  files: Readonly<Record<string, string>>,
  stackTrace: string,
  message = 'boom',
): Promise<string[]> {
  const context = await gatherCodeContext({
    errorLog: { message, stackTrace },
    stack: parseStackTrace(stackTrace),
    repository: { repositoryUrl: 'acme/shop', commit: 'abc' },
    provider: repositoryOf(files),
    limits: { lines: 5, locations: 4, characters: 18_000 },
  });
  return context.blocks.flatMap((block) => [...block.text.matchAll(/@(\w+)/g)].map(([, name]) => name ?? ''));
}

const ORDERS: readonly [string, Readonly<Record<string, string>>, string][] = [
  [
    'JavaScript, across require',
    {
      'lib/cart.js':
        "const { load } = require('./store');\nfunction total(id) {\n  // @total\n  return load(id).length;\n}\n",
      'lib/store.js': 'exports.load = function (id) {\n  // @load\n};\n',
    },
    'TypeError: x\n    at total (/app/lib/cart.js:4:10)',
  ],
  [
    'TypeScript, across import, compiled, through an index',
    {
      'src/cart.ts':
        "import { Store } from './stores/index.js';\nexport class Cart {\n  total(store: Store): number {\n    // @total\n    return store.load(1);\n  }\n}\n",
      'src/stores/index.ts': "export { Store } from './store.js';\n",
      'src/stores/store.ts':
        'export class Store {\n  load(id: number): number {\n    // @load\n    return id;\n  }\n}\n',
    },
    'TypeError: x\n    at Cart.total (/app/dist/cart.js:4:10)',
  ],
  [
    'TypeScript, through files that pass on all that others have',
    {
      'src/cart.ts':
        "import { stores } from './core/index.js';\nexport function total(): number {\n  // @total\n  return stores.load(1);\n}\n",
      'src/core/index.ts': "export * from './prices.js';\nexport * as stores from './stores.js';\n",
      'src/core/prices.ts': 'export function price(): number {\n  // @price\n  return 1;\n}\n',
      'src/core/stores.ts': "export * from './prices.js';\nexport * from './loading.js';\n",
      'src/core/loading.ts': 'export function load(id: number): number {\n  // @load\n  return id;\n}\n',
    },
    'TypeError: x\n    at total (/app/src/cart.ts:4:10)',
  ],
  [
    'Python, through a package that passes on all that a module has',
    {
      'shop/cart.py': 'from shop.stores import load\n\ndef total(id):\n    # @total\n    return load(id)\n',
      'shop/stores/__init__.py': 'from .loading import *\n',
      'shop/stores/loading.py': 'def load(id):\n    # @load\n    return None\n',
    },
    'Traceback (most recent call last):\n  File "/srv/app/shop/cart.py", line 5, in total\n    return load(id)\nTypeError: x',
  ],
  [
    'Python, across a package',
    {
      'shop/cart.py': 'from .store import load\n\ndef total(id):\n    # @total\n    return load(id)\n',
      'shop/store.py': 'def load(id):\n    # @load\n    return None\n',
    },
    'Traceback (most recent call last):\n  File "/srv/app/shop/cart.py", line 5, in total\n    return load(id)\nTypeError: x',
  ],
  [
    'Java, by the type of a field',
    {
      'src/main/java/com/acme/Cart.java':
        'package com.acme;\npublic class Cart {\n  private final Store store;\n  int total(int id) {\n    // @total\n    return store.load(id);\n  }\n}\n',
      'src/main/java/com/acme/Store.java':
        'package com.acme;\nclass Store {\n  int load(int id) {\n    // @load\n    return id;\n  }\n  int load(int id, int other) {\n    // @overload\n    return id;\n  }\n}\n',
    },
    'java.lang.IllegalStateException: x\n\tat com.acme.Cart.total(Cart.java:6)',
  ],
  [
    'Go, by the type of a field',
    {
      'internal/cart/cart.go':
        'package cart\ntype Cart struct {\n\tstore *Store\n}\nfunc (c *Cart) Total(id int) int {\n\t// @total\n\treturn c.store.Load(id)\n}\n',
      'internal/cart/store.go':
        'package cart\nfunc (s *Store) Load(id int) int {\n\t// @load\n\treturn id\n}\n',
    },
    'panic: x\n\ngoroutine 1 [running]:\ngithub.com/acme/shop/internal/cart.(*Cart).Total(0x0)\n\t/app/internal/cart/cart.go:7 +0x1d',
  ],
  [
    'Go, within a package',
    {
      'internal/cart/cart.go':
        'package cart\nfunc Total(id int) int {\n\t// @total\n\treturn loadPrices(id)\n}\n',
      'internal/cart/price.go': 'package cart\nfunc loadPrices(id int) int {\n\t// @load\n\treturn id\n}\n',
      'internal/cart/money.go': 'package cart\nfunc round(id int) int {\n\t// @round\n\treturn id\n}\n',
    },
    'panic: x\n\ngoroutine 1 [running]:\ngithub.com/acme/shop/internal/cart.Total(0x0)\n\t/app/internal/cart/cart.go:4 +0x1d',
  ],
  [
    'Go, across packages',
    {
      'cmd/shop/main.go':
        'package main\nimport (\n\t"fmt"\n\tstock "github.com/acme/shop/internal/prices"\n)\nfunc total(id int) int {\n\t// @total\n\treturn stock.Load(id)\n}\n',
      'internal/prices/prices.go': 'package prices\nfunc Round() {\n\t// @round\n}\n',
      'internal/prices/loading.go': 'package prices\nfunc Load(id int) int {\n\t// @load\n\treturn id\n}\n',
    },
    'panic: x\n\ngoroutine 1 [running]:\nmain.total(0x0)\n\t/app/cmd/shop/main.go:8 +0x1d',
  ],
  [
    'Ruby, by the name of a class',
    {
      'app/models/cart.rb':
        'class Cart\n  def total(id)\n    # @total\n    PriceStore.load(id)\n  end\nend\n',
      'app/models/price_store.rb': 'class PriceStore\n  def self.load(id)\n    # @load\n  end\nend\n',
    },
    "app/models/cart.rb:4:in `total': x (RuntimeError)",
  ],
  [
    'Ruby, without parentheses',
    {
      'lib/cart.rb':
        'class Cart\n  def total\n    # @total\n    check_prices if open?\n  end\n\n  def check_prices\n    # @load\n  end\nend\n',
    },
    "lib/cart.rb:4:in `total': x (NoMethodError)",
  ],
  [
    'Ruby, by the name of a variable',
    {
      'lib/cart.rb': 'class Cart\n  def total(env)\n    # @total\n    request.POST[:id]\n  end\nend\n',
      'lib/request.rb': 'class Request\n  def POST\n    # @load\n  end\nend\n',
    },
    "lib/cart.rb:4:in `total': x (NoMethodError)",
  ],
  [
    'PHP, across use',
    {
      'src/Cart.php':
        '<?php\nuse Acme\\Store\\Prices;\nclass Cart {\n  function total($id) {\n    // @total\n    return Prices::load($id);\n  }\n}\n',
      'src/Store/Prices.php': '<?php\nclass Prices {\n  static function load($id) {\n    // @load\n  }\n}\n',
    },
    'PHP Fatal error:  Uncaught TypeError: x in /var/www/src/Cart.php:6\nStack trace:\n#0 /var/www/src/Cart.php(6): Cart->total()\n#1 {main}\n  thrown in /var/www/src/Cart.php on line 6',
  ],
  [
    'C#, by the type of a parameter',
    {
      'Shop/Cart.cs':
        'class Cart {\n  int Total(Store store) {\n    // @total\n    return store.Load(1);\n  }\n}\n',
      'Shop/Store.cs': 'class Store {\n  int Load(int id) {\n    // @load\n    return id;\n  }\n}\n',
    },
    'System.InvalidOperationException: x\n   at Shop.Cart.Total(Store store) in /src/Shop/Cart.cs:line 4',
  ],
  [
    'Rust, by the type of a parameter',
    {
      'src/cart.rs':
        'impl Cart {\n    fn total(&self, store: &Store) -> u32 {\n        // @total\n        store.load(1)\n    }\n}\n',
      'src/store.rs':
        'impl Store {\n    pub fn load(&self, id: u32) -> u32 {\n        // @load\n        id\n    }\n}\n',
    },
    "thread 'main' panicked at src/cart.rs:4:9:\nx\nstack backtrace:\n   0: shop::cart::Cart::total\n             at ./src/cart.rs:4:9",
  ],
];

describe('the function that failed and the one that it calls', () => {
  it.each(ORDERS)('in %s', async (_language, files, stackTrace) => {
    expect((await shown(files, stackTrace)).slice(0, 2)).toEqual(['total', 'load']);
  });
});

describe('where the stack does not say enough', () => {
  const files = {
    'lib/cart.js':
      'function unrelated() {\n  // @unrelated\n}\nconst LIMIT = 10;\n\nfunction total(id) {\n  // @total\n}\nmodule.exports = { total };\n',
    'test/cart.test.js':
      "const { total } = require('../lib/cart');\nit('adds up', () => {\n  // @test\n  expect(total(1)).toBe(2);\n});\n",
    'lib/invoice.js': 'function print() {\n  // @print\n}\n',
  };

  it('a test leads to what it tests', async () => {
    const stack = 'Error: expected 1 to be 2\n    at Object.<anonymous> (/app/test/cart.test.js:4:20)';
    expect(await shown(files, stack)).toEqual(['test', 'total']);
  });

  it('a test that is not in the repository leads to what its name says', async () => {
    expect(
      await shown(files, 'Error: x\n    at Object.<anonymous> (/app/test/invoice.print.test.js:4:20)'),
    ).toEqual(['print']);
  });

  it('of a file that is found, the functions that share words with the test come first', async () => {
    const codec = ['encode', 'decode', 'measure', 'refund'].map(
      (name) => `function ${name}(text) {\n  // @${name}\n  return text;\n}\n`,
    );
    const tests = "it('refunds twice', () => {\n  // @test\n  run('refund', 2);\n});\n";
    const stack = 'Error: expected 1 to be 2\n    at Object.<anonymous> (/app/test/codec.test.js:3:20)';
    const found = await shown({ 'lib/codec.js': codec.join(''), 'test/codec.test.js': tests }, stack);
    expect(found).toEqual(['test', 'refund']);
  });

  it('a line behind the end of a test is near its last one: it was added with the fix', async () => {
    const stack = 'Error: expected 1 to be 2\n    at Object.<anonymous> (/app/test/cart.test.js:400:20)';
    expect(await shown(files, stack)).toEqual(['test', 'total']);
  });

  it('packages of one repository that name each other are followed', async () => {
    const workspace = {
      'apps/web/src/cart.ts':
        "import { load } from '@acme/store';\nexport function total(): number {\n  // @total\n  return load(1);\n}\n",
      'packages/store/src/index.ts':
        'export function load(id: number): number {\n  // @load\n  return id;\n}\n',
    };
    const stack = 'TypeError: x\n    at total (/app/apps/web/src/cart.ts:4:10)';
    expect(await shown(workspace, stack)).toEqual(['total', 'load']);
  });

  it('a library in its own repository is not taken for a dependency', async () => {
    const stack = 'TypeError: x\n    at total (/srv/other/node_modules/shop/lib/cart.js:8:20)';
    expect((await shown(files, stack))[0]).toBe('total');
    const other = 'TypeError: x\n    at total (/srv/other/node_modules/cart/lib/cart.js:8:20)';
    expect(await shown(files, other)).toEqual([]);
  });

  it('a line in another function than the frame names is not believed', async () => {
    const stack = 'TypeError: x\n    at total (/app/lib/cart.js:2:20)';
    expect((await shown(files, stack))[0]).toBe('total');
  });

  it('the function that the frame names is shown, also where the line is in one within it', async () => {
    const nested = {
      'src/cart.js':
        'function total(items) {\n  // @total\n  const prices = items.map((item) => {\n    // @prices\n    return item.price.cents;\n  });\n  return prices;\n}\n',
    };
    const stack = 'TypeError: x\n    at total (/app/src/cart.js:5:23)';
    expect(await shown(nested, stack)).toEqual(['total', 'prices']);
  });

  it('words that stand everywhere lead nowhere', async () => {
    expect(await shown(files, 'Error: expected value to be true\n    at node:internal/x:1:2')).toEqual([]);
  });
});

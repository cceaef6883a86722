import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskNonCode } from '../../../src/code-context/mask.ts';
import { enclosing, outlineOf } from '../../../src/code-context/outline.ts';

/** What a file defines: `kind name first-last`. */
const outline = (path: string, text: string): string[] =>
  (outlineOf(path, text)?.definitions ?? []).map(
    ({ kind, name = '', startLine, endLine }) => `${kind} ${name} ${startLine}-${endLine}`,
  );

describe('functions and types', () => {
  it('of JavaScript are found in every form', () => {
    const text = `const answer = 42;
function plain(a, { b } = {}) {
  return () => {
    a();
  };
}
exports.assigned = async function (req, res) {
};
const arrow = async (x) => {
};
class Cart extends Base {
  #items = [];
  static async load(id) {
    if (id) {
      for (const x of y) { z(x); }
    }
  }
  get total() { return 1; }
}
app.get('/carts/:id', async (req, res) => {
});
module.exports = {
  a: 1,
  method(x) {
  },
  property: function () {
  },
};
`;
    expect(outline('a.js', text)).toEqual([
      'function plain 2-6',
      'function  3-5',
      'function assigned 7-8',
      'function arrow 9-10',
      'type Cart 11-19',
      'function load 13-17',
      'function total 18-18',
      'function app.get(/carts/:id) 20-21',
      'function method 24-25',
      'function property 26-27',
    ]);
  });

  it('of TypeScript are found behind types with braces of their own', () => {
    const text = `interface Options { readonly a: number }
export class Engine {
  async run(
    event: { id: string; at: number },
    options: Options = {},
  ): Promise<{ value: string; ttl: number }> {
    return { value: '', ttl: 0 };
  }
  pick<K extends keyof T>(key: K): T[K] {
    return this[key];
  }
}
`;
    expect(outline('a.ts', text)).toEqual([
      'type Options 1-1',
      'type Engine 2-12',
      'function run 3-8',
      'function pick 9-11',
    ]);
  });

  it.each([
    [
      'a.py',
      `class Cart(Base):
    """def fake(): pass"""

    @property
    def total(
        self,
    ) -> int:
        def inner():
            return 1

        return inner()

    async def load(self): return 1


def top():
    pass
`,
      [
        'type Cart 1-13',
        'function total 5-11',
        'function inner 8-9',
        'function load 13-13',
        'function top 16-17',
      ],
    ],
    [
      'a.java',
      `package a;
/** { */
public class Cart<T> implements Comparable<Cart<T>>, Serializable {
  public Cart(int size) throws IOException {
    if (size > 0) { run(() -> { stop('{'); }); }
  }
  @Override
  public <K, V> Map<K, V> total(final Map<K, V> given) {
    return new HashMap<K, V>(given) {
      void clear() { }
    };
  }
  enum Kind { A, B }
}
`,
      [
        'type Cart 3-14',
        'function Cart 4-6',
        'function  5-5',
        'function total 8-12',
        'function clear 10-10',
        'type Kind 13-13',
      ],
    ],
    [
      'a.go',
      `package a
type Cart struct { Items []Item }
func (c *Cart) Total(f func(int) error) (int, error) {
	for i := range load(c) { add(i) }
	go func() { close(c) }()
	return 0, nil
}
func Keys[T any](m map[string]T) map[string]interface{} {
	return nil
}
`,
      ['type Cart 2-2', 'function Total 3-7', 'function  5-5', 'function Keys 8-10'],
    ],
    [
      'a.rs',
      `impl<'a> Cart<'a> for Basket {
    pub fn total(&self, c: char) -> Result<u32, Error> where Self: Sized {
        match c { '{' => { 1 } _ => 2 }
    }
}
`,
      ['type Cart 1-5', 'function total 2-4'],
    ],
    [
      'a.rb',
      `module Shop
  class Cart < Base
    def total(items)
      items.each do |i|
        i
      end
    end

    def self.load; end
  end
end
`,
      ['type Shop 1-11', 'type Cart 2-10', 'function total 3-7', 'function load 9-9'],
    ],
    [
      'a.php',
      `<?php
class Cart extends Base {
  public function total(array $items = []) : ?int {
    foreach ($items as $k => $v) { echo "}"; }
    return array_map(function ($a) use ($b) { return 1; }, $items);
  }
}
`,
      ['type Cart 2-7', 'function total 3-6', 'function  5-5'],
    ],
    [
      'a.cs',
      `namespace Shop {
  public class Cart : Base<int> {
    public async Task<int> Total(string id, int n = 3) { if (a(b(n))) { x(); } return 1; }
    public int Size { get { return 1; } }
  }
}
`,
      ['type Shop 1-6', 'type Cart 2-5', 'function Total 3-3'],
    ],
  ])('of %s are found', (path, text, expected) => {
    expect(outline(path, text)).toEqual(expected);
  });

  it('are not looked for in a file of an unknown language, or a minified one', () => {
    expect(outlineOf('a.txt', 'function f() {}')).toBeUndefined();
    expect(outlineOf('a.min.js', `function f() {${'x();'.repeat(5000)}}`)).toBeUndefined();
  });

  it('around a line are the innermost', () => {
    const form = outlineOf('a.js', 'function a() {\n  function b() {\n    x();\n  }\n  y();\n}\nz();\n')!;
    expect([3, 5, 7].map((line) => enclosing(form, line)?.name)).toEqual(['b', 'a', undefined]);
  });

  it('never make it throw, whatever the text', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      'function ',
      'a',
      '=>',
      '"',
      '`',
      '${',
      '/',
      '\n',
      'class ',
      "'",
      ':',
      ' ',
      '\\',
      '#',
    );
    fc.assert(
      fc.property(
        fc.constantFrom('a.js', 'a.py', 'a.java', 'a.rb', 'a.rs'),
        fc.array(token, { maxLength: 60 }),
        (path, tokens) => {
          const text = tokens.join('');
          for (const { startLine, endLine } of outlineOf(path, text)?.definitions ?? []) {
            expect(startLine).toBeGreaterThanOrEqual(1);
            expect(endLine).toBeGreaterThanOrEqual(startLine);
            expect(endLine).toBeLessThanOrEqual(text.split('\n').length);
          }
        },
      ),
    );
  });
});

describe('a function is found whole', () => {
  it.each([
    [
      'with its rescue and ensure in Ruby',
      'a.rb',
      'def run!\n  serve\nrescue Errno::EADDRINUSE => e\n  warn e\nelse\n  log\nensure\n  stop\nend\n',
      ['function run! 1-9'],
    ],
    [
      'around a heredoc in Ruby',
      'a.rb',
      'def sql(id)\n  query(<<~SQL, id)\nSELECT "x"\nend\n  SQL\n  done\nend\n',
      ['function sql 1-7'],
    ],
    [
      'around a heredoc in PHP',
      'a.php',
      "class A {\n  function help() {\n    return <<<EOT\nit's {here}\nEOT;\n  }\n  function b() {\n  }\n}\n",
      ['type A 1-9', 'function help 2-6', 'function b 7-8'],
    ],
    [
      'with variadic and bare empty interfaces in Go',
      'a.go',
      'func (r Render) Write(code int, data ...interface{}) error {\n}\nfunc take(interface{}) {\n}\n',
      ['function Write 1-2', 'function take 3-4'],
    ],
    [
      'whose parameter has the name of another language’s keyword',
      'a.go',
      'func (c *Command) Visit(fn func(*Command)) {\n}\n',
      ['function Visit 1-2'],
    ],
    [
      'behind a raw string that ends with a backslash in Rust',
      'a.rs',
      'fn a() {\n  b(r"\\");\n  c(r#"a"}"#);\n}\nfn d() {\n}\n',
      ['function a 1-4', 'function d 5-6'],
    ],
    [
      'of a class that is written without semicolons',
      'a.ts',
      'class A {\n  name =\n    "a"\n\n  constructor(x: X) {\n  }\n}\n',
      ['type A 1-7', 'function constructor 5-6'],
    ],
    [
      'around a block behind a call without a semicolon',
      'a.ts',
      'function a() {\n  b(x, {\n    c: d\n      ? e(f)\n      : undefined,\n  })\n  if (g.length > 0) {\n    h()\n  }\n}\n',
      ['function a 1-10'],
    ],
    [
      'that returns a union of strings',
      'a.ts',
      'class A {\n  static join(a: "x" | "y" = "x"): "x" | "y" {\n  }\n}\n',
      ['type A 1-4', 'function join 2-3'],
    ],
    [
      'with functions among the types of a parameter',
      'a.ts',
      'class A {\n  from(\n    a: E | ((q: Q<any>) => Q<any>),\n  ): Alias {\n  }\n}\n',
      ['type A 1-6', 'function from 2-5'],
    ],
    [
      'that may return null, or hides another, in C#',
      'A.cs',
      'class A\n{\n  object? Read(R r)\n  {\n  }\n  public new static A Load(R r)\n  {\n  }\n}\n',
      ['type A 1-9', 'function Read 3-5', 'function Load 6-8'],
    ],
    [
      'that hands its parameters on to another constructor in C#',
      'A.cs',
      'class A\n{\n  public A(string m, Exception? e)\n    : base(m, e)\n  {\n  }\n}\n',
      ['type A 1-7', 'function A 3-6'],
    ],
    [
      'with a generic type before its generic name',
      'A.cs',
      'class A\n{\n  Call<T, object?> Make<T>(M m)\n  {\n  }\n}\n',
      ['type A 1-6', 'function Make 3-5'],
    ],
    [
      'with the comment that it ends with in Python',
      'a.py',
      'def a():\n    b()\n    # or else it hangs\n\n# of c\ndef c():\n    pass\n',
      ['function a 1-3', 'function c 6-7'],
    ],
  ])('%s', (_, path, text, expected) => {
    expect(outline(path, text)).toEqual(expected);
  });
});

describe('what is no code', () => {
  const rules = {
    lineComments: ['//'],
    blockComment: ['/*', '*/'] as const,
    quotes: '"\'',
    longQuotes: [],
    regexLiterals: true,
    templates: true,
  };

  it.each([
    ['a + "}" + b', 'a + "   + b'],
    ['a // }\nb', 'a     \nb'],
    ['a /* }\n} */ b', 'a     \n     b'],
    ['`x $\u007b {a: 1} } }` + b', '"     {a: 1}      + b'],
    ['x = /[/}]/g.test(y) / 2', 'x = "     g.test(y) / 2'],
    ['"a\\"}" b', '"      b'],
    ['"unclosed }\n}', '"          \n}'],
  ])('is blanked but for the first quote in %j', (text, masked) => {
    expect(maskNonCode(text, rules)).toBe(masked);
  });

  it('never changes length or line breaks', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const masked = maskNonCode(text, rules);
        expect(masked).toHaveLength(text.length);
        expect(masked.split('\n').map((line) => line.length)).toEqual(
          text.split('\n').map((line) => line.length),
        );
      }),
    );
  });
});

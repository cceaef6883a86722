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
    ['a + "}" + b', 'a +     + b'],
    ['a // }\nb', 'a     \nb'],
    ['a /* }\n} */ b', 'a     \n     b'],
    ['`x $\u007b {a: 1} } }` + b', '      {a: 1}      + b'],
    ['x = /[/}]/g.test(y) / 2', 'x =       g.test(y) / 2'],
    ['"a\\"}" b', '       b'],
    ['"unclosed }\n}', '           \n}'],
  ])('is blanked in %j', (text, masked) => {
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

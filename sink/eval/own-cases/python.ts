import type { OwnCase } from './own-case.ts';

const pyContainerFiles = {
  'src/acme_shop/__init__.py': ``,
  'src/acme_shop/models.py': `class Cart:
    def __init__(self, lines, currency=None):
        self.lines = lines
        self.currency = currency

    def total(self):
        return sum(line["price"] * line["count"] for line in self.lines)
`,
  'src/acme_shop/rates.py': `RATES = {"EUR": 1.0, "KRW": 1480.0}


def convert(amount, currency):
    """Converts from euros."""
    rate = RATES[currency.upper()]
    return amount * rate
`,
  'src/acme_shop/views.py': `import logging

from acme_shop.models import Cart
from acme_shop.rates import convert

log = logging.getLogger(__name__)


def parse_cart(payload):
    return Cart(payload["lines"], payload.get("currency"))


def show_total(payload):
    cart = parse_cart(payload)
    return convert(cart.total(), cart.currency)
`,
};

/** Failures in Python. */
export const pythonCases: readonly OwnCase[] = [
  {
    id: 'py-container',
    layout: 'a src layout in a container',
    language: 'python',
    kind: 'fix-in-stack',
    recorded: true,
    files: pyContainerFiles,
    errorLog: {
      name: 'AttributeError',
      message: "'NoneType' object has no attribute 'upper'",
      stackTrace: `Traceback (most recent call last):
  File "/app/src/acme_shop/views.py", line 15, in show_total
    return convert(cart.total(), cart.currency)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/app/src/acme_shop/rates.py", line 6, in convert
    rate = RATES[currency.upper()]
                 ^^^^^^^^^^^^^^
AttributeError: 'NoneType' object has no attribute 'upper'`,
    },
    fixed: [
      { path: 'src/acme_shop/rates.py', ranges: [[6, 6]], functions: [{ range: [4, 7], name: 'convert' }] },
    ],
  },
  {
    id: 'py-package',
    layout: 'the same, zipped for Lambda without its src folder',
    language: 'python',
    kind: 'fix-not-in-stack',
    recorded: true,
    files: pyContainerFiles,
    errorLog: {
      name: 'AttributeError',
      message: "'NoneType' object has no attribute 'upper'",
      stackTrace: `Traceback (most recent call last):
  File "/var/task/acme_shop/views.py", line 15, in show_total
    return convert(cart.total(), cart.currency)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/var/task/acme_shop/rates.py", line 6, in convert
    rate = RATES[currency.upper()]
                 ^^^^^^^^^^^^^^
AttributeError: 'NoneType' object has no attribute 'upper'`,
    },
    fixed: [
      {
        path: 'src/acme_shop/views.py',
        ranges: [[10, 10]],
        functions: [{ range: [9, 10], name: 'parse_cart' }],
      },
    ],
  },
];

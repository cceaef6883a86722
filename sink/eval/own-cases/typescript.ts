import type { OwnCase } from './own-case.ts';

const tsDistFiles = {
  'src/customer.ts': `export interface Customer {
  readonly name: string;
  readonly address?: { readonly street: string; readonly city: string };
}

export function findCustomer(id: number): Customer {
  return id === 1 ? { name: 'Ada', address: { street: 'Main', city: 'Seoul' } } : { name: 'Bob' };
}
`,
  'src/main.ts': `import { findCustomer } from './customer.ts';
import { InvoiceService } from './services/invoice.ts';

export function print(id: number): string {
  return new InvoiceService().add({ name: 'book', cents: 900 }).addressOf(findCustomer(id));
}

try {
  print(2);
} catch (error) {
  console.log((error as Error).stack);
}
`,
  'src/services/invoice.ts': `import type { Customer } from '../customer.ts';

export interface Line {
  readonly name: string;
  readonly cents: number;
}

export class InvoiceService {
  readonly #lines: Line[] = [];

  add(line: Line): this {
    this.#lines.push(line);
    return this;
  }

  /** The address that stands on the invoice. */
  addressOf(customer: Customer): string {
    const { address } = customer;
    return [customer.name, address!.street, address!.city].join('\\n');
  }
}
`,
  'tsconfig.json': `{"compilerOptions":{"target":"ES2020","module":"CommonJS","rootDir":"src","outDir":"dist","sourceMap":true,"rewriteRelativeImportExtensions":true,"strict":true,"types":[],"skipLibCheck":true,"ignoreDeprecations":"6.0"}}
`,
};

/** The same program as one part of a repository. */
const tsWebpackFiles = Object.fromEntries(
  Object.entries(tsDistFiles).map(([path, text]) => [`client/${path}`, text]),
);

/** Failures in TypeScript. */
export const typescriptCases: readonly OwnCase[] = [
  {
    id: 'ts-dist',
    layout: 'tsc into dist, without source maps',
    language: 'typescript',
    kind: 'fix-in-stack',
    recorded: true,
    files: tsDistFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'street')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'street')
    at InvoiceService.addressOf (/app/dist/services/invoice.js:21:40)
    at print (/app/dist/main.js:7:80)
    at Object.<anonymous> (/app/dist/main.js:10:5)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)`,
    },
    fixed: [
      {
        path: 'src/services/invoice.ts',
        ranges: [[19, 19]],
        functions: [{ range: [17, 20], name: 'InvoiceService.addressOf' }],
      },
    ],
  },
  {
    id: 'ts-source-maps',
    layout: 'tsc into dist, with source maps',
    language: 'typescript',
    kind: 'fix-in-stack',
    recorded: true,
    files: tsDistFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'street')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'street')
    at InvoiceService.addressOf (/app/src/services/invoice.ts:19:37)
    at print (/app/src/main.ts:5:65)
    at Object.<anonymous> (/app/src/main.ts:9:3)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)`,
    },
    fixed: [
      {
        path: 'src/services/invoice.ts',
        ranges: [[19, 19]],
        functions: [{ range: [17, 20], name: 'InvoiceService.addressOf' }],
      },
    ],
  },
  {
    id: 'ts-esbuild',
    layout: 'bundled and minified by esbuild, with source maps, under /var/task',
    language: 'typescript',
    kind: 'fix-in-stack',
    recorded: true,
    files: tsDistFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'street')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'street')
    at s.addressOf (/var/task/src/services/invoice.ts:19:37)
    at print (/var/task/src/main.ts:5:65)
    at Object.<anonymous> (/var/task/src/main.ts:9:3)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)`,
    },
    fixed: [
      {
        path: 'src/services/invoice.ts',
        ranges: [[19, 19]],
        functions: [{ range: [17, 20], name: 'InvoiceService.addressOf' }],
      },
    ],
  },
  {
    id: 'ts-webpack',
    layout: 'a folder of a repository, bundled by webpack with source maps',
    language: 'typescript',
    kind: 'fix-in-stack',
    recorded: false,
    files: tsWebpackFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'street')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'street')
    at InvoiceService.addressOf (webpack://client/./src/services/invoice.ts:19:37)
    at print (webpack://client/./src/main.ts:5:65)`,
    },
    fixed: [
      {
        path: 'client/src/services/invoice.ts',
        ranges: [[19, 19]],
        functions: [{ range: [17, 20], name: 'InvoiceService.addressOf' }],
      },
    ],
  },
  {
    id: 'ts-callee',
    layout: 'the value comes from a function that had returned',
    language: 'typescript',
    kind: 'fix-not-in-stack',
    recorded: true,
    files: tsDistFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'street')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'street')
    at InvoiceService.addressOf (/app/src/services/invoice.ts:19:37)
    at print (/app/src/main.ts:5:65)
    at Object.<anonymous> (/app/src/main.ts:9:3)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)`,
    },
    fixed: [
      { path: 'src/customer.ts', ranges: [[7, 7]], functions: [{ range: [6, 8], name: 'findCustomer' }] },
    ],
  },
];

import type { OwnCase } from './own-case.ts';

const jsLambdaFiles = {
  'src/handler.js': `const { loadOrder } = require('./lib/orders');
const { totalOf } = require('./lib/pricing');

exports.handler = async (event) => {
  const order = await loadOrder(event.orderId);
  return { statusCode: 200, body: String(totalOf(order)) };
};
`,
  'src/lib/orders.js': `const ORDERS = new Map([
  ['o-1', { lines: [{ price: 5, count: 2 }] }],
  ['o-2', { lines: [{ price: 5, count: 2 }], voucher: { code: 'SPRING' } }],
]);

exports.loadOrder = async (id) => ORDERS.get(id);
`,
  'src/lib/pricing.js': `const RATES = { WINTER: { percent: 10 } };

function discountOf(order) {
  if (!order.voucher) return 0;
  return RATES[order.voucher.code].percent;
}

function totalOf(order) {
  const sum = order.lines.reduce((all, line) => all + line.price * line.count, 0);
  return sum - (sum * discountOf(order)) / 100;
}

module.exports = { discountOf, totalOf };
`,
};

const jsEsmFiles = {
  'src/main.js': `import { readSettings } from './settings.js';
import { connect } from './store.js';

const settings = readSettings({ STORE_HOSTS: '' });
await connect(settings);
`,
  'src/settings.js': `/** Settings from the environment. */
export function readSettings(environment) {
  const hosts = (environment.STORE_HOSTS ?? 'localhost').split(',').filter(Boolean);
  return { hosts, retries: Number(environment.STORE_RETRIES ?? 3) };
}
`,
  'src/store.js': `/** Connects to the first host. */
export async function connect(settings) {
  const [host] = settings.hosts;
  return open(host.toLowerCase(), settings.retries);
}

async function open(host, retries) {
  return { host, retries };
}
`,
};

const jsMonorepoFiles = {
  'apps/api/index.js': `const pricing = require('../../packages/pricing/lib/index.js');
const shipping = require('../../packages/shipping/lib/index.js');

function quote(parcel) {
  return pricing.cost(parcel) + shipping.cost(parcel);
}

module.exports = { quote };
`,
  'packages/pricing/lib/index.js': `function cost(parcel) {
  return parcel.value * 0.02;
}

module.exports = { cost };
`,
  'packages/shipping/lib/index.js': `const ZONES = { KR: { base: 3 }, DE: { base: 4 } };

function cost(parcel) {
  const zone = ZONES[parcel.country];
  return zone.base + parcel.weight * 0.5;
}

module.exports = { cost };
`,
};

/** Failures in JavaScript. */
export const javascriptCases: readonly OwnCase[] = [
  {
    id: 'js-lambda',
    layout: 'AWS Lambda under /var/task',
    language: 'javascript',
    kind: 'fix-in-stack',
    recorded: true,
    files: jsLambdaFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'percent')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'percent')
    at discountOf (/var/task/src/lib/pricing.js:5:36)
    at totalOf (/var/task/src/lib/pricing.js:10:23)
    at exports.handler (/var/task/src/handler.js:6:42)`,
    },
    fixed: [
      { path: 'src/lib/pricing.js', ranges: [[5, 5]], functions: [{ range: [3, 6], name: 'discountOf' }] },
    ],
  },
  {
    id: 'js-windows',
    layout: 'a service on Windows',
    language: 'javascript',
    kind: 'fix-in-stack',
    recorded: false,
    files: jsLambdaFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'percent')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'percent')
    at discountOf (C:\\Services\\Shop\\current\\src\\lib\\pricing.js:5:36)
    at totalOf (C:\\Services\\Shop\\current\\src\\lib\\pricing.js:10:23)
    at exports.handler (C:\\Services\\Shop\\current\\src\\handler.js:6:42)`,
    },
    fixed: [
      { path: 'src/lib/pricing.js', ranges: [[5, 5]], functions: [{ range: [3, 6], name: 'discountOf' }] },
    ],
  },
  {
    id: 'js-esm',
    layout: 'ES modules with file URLs in a container',
    language: 'javascript',
    kind: 'fix-not-in-stack',
    recorded: true,
    files: jsEsmFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'toLowerCase')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'toLowerCase')
    at connect (file:///app/src/store.js:4:20)
    at file:///app/src/main.js:5:7
    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)
    at async ModuleLoader.import (node:internal/modules/esm/loader:606:24)
    at async asyncRunEntryPointWithESMLoader (node:internal/modules/run_main:117:5)`,
    },
    fixed: [
      { path: 'src/settings.js', ranges: [[3, 3]], functions: [{ range: [2, 5], name: 'readSettings' }] },
    ],
  },
  {
    id: 'js-monorepo',
    layout: 'a monorepo whose packages share file names',
    language: 'javascript',
    kind: 'fix-in-stack',
    recorded: true,
    files: jsMonorepoFiles,
    errorLog: {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'base')",
      stackTrace: `TypeError: Cannot read properties of undefined (reading 'base')
    at Object.cost (/usr/src/app/packages/shipping/lib/index.js:5:15)
    at Object.quote (/usr/src/app/apps/api/index.js:5:42)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Module.load (node:internal/modules/cjs/loader:1266:32)`,
    },
    fixed: [
      {
        path: 'packages/shipping/lib/index.js',
        ranges: [[5, 5]],
        functions: [{ range: [3, 6], name: 'cost' }],
      },
    ],
  },
];

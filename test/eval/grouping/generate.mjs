import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../redaction/random.mjs';
import { runDeploys, runOnce } from './deploys.mjs';
import { MESSAGES } from './messages.mjs';
import { cases } from './shop/names.mjs';
import { STACKS } from './stacks.mjs';

/** Sets of errors that must stay apart, by what tells them apart. */
const HARD_NEGATIVES = {
  'same-message-other-function': [
    ['cart.total.map', 'cart.shipping.map'],
    ['orders.insert.refused', 'orders.find.refused'],
    ['documents.feed.json', 'documents.webhook.json'],
    ['documents.invoice.enoent', 'documents.invoice-later.enoent'],
    ['tree.expand.overflow', 'tree.clone.overflow'],
    ['py.total.none', 'py.invoice.none'],
    ['rs.price.unwrap', 'rs.stock.unwrap'],
  ],
  'same-frames-other-class': [['documents.format.range', 'documents.format.not-a-function']],
  'same-class-other-message': [
    ['orders.insert.unique', 'orders.insert.foreign', 'orders.insert.null-customer'],
    ['cart.post.not-a-function', 'cart.post.not-iterable'],
    ['db.background.closed', 'db.background.refused', 'db.background.timeout'],
  ],
  'other-property': [['cart.discount.rate', 'cart.address.street']],
  'other-quoted-identifier': [['orders.insert.null-customer', 'orders.insert.null-currency']],
  'other-cause': [
    ['documents.profile.json', 'documents.profile.refused'],
    ['java.close.number', 'java.close.null'],
    ['cs.pick.format', 'cs.pick.null'],
  ],
  'status-code': [['db.background.status-404', 'db.background.status-503']],
};

const ROOTS = ['/usr/src/app', '/srv/shop/releases/20250112093011', '/home/deploy/apps/shop/current', '/app'];

/**
 * Makes a set of errors with the truth about them: real errors of a small program that is deployed in many ways,
 * stacks of other languages, and bare messages. The same seed gives the same set, but for the folders of Node.
 */
export function generate(seed) {
  const random = seeded(seed);
  const thrown = inFolder((folder) => runDeploys(folder, random, cases)).map(({ group, errorLog }) => ({
    group,
    event: { message: errorLog.message, name: errorLog.name, stack: errorLog.stackTrace ?? null },
  }));
  const written = ROOTS.flatMap((root) => writeStacks(random, root));
  return {
    traces: [...thrown, ...written],
    messages: generateMessages(random, 600),
    hardNegatives: HARD_NEGATIVES,
  };
}

/** One of each: the errors of a program that is deployed once, stacks of other languages, bare messages. */
export function generateKinds(seed) {
  const random = seeded(seed);
  const thrown = inFolder((folder) => runOnce(folder, random, cases)).map(({ errorLog }) => errorLog);
  const written = writeStacks(random, ROOTS[0]).map(({ event: { stack, ...others } }) => ({
    ...others,
    stackTrace: stack,
  }));
  const bare = Object.values(MESSAGES).flatMap((templates) =>
    templates.map((template) => ({ message: template(varying(random)) })),
  );
  return [...thrown, ...written, ...bare];
}

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-grouping-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const writeStacks = (random, root) =>
  Object.entries(STACKS).map(([group, write]) => ({
    group,
    event: { stack: null, ...write(varying(random, root)) },
  }));

function generateMessages(random, count) {
  return Object.fromEntries(
    Object.entries(MESSAGES).map(([system, templates]) => [
      system,
      Array.from({ length: count }, () => {
        const template = random.int(0, templates.length - 1);
        return { event_id: `E${template}`, content: templates[template](varying(random)) };
      }),
    ]),
  );
}

function varying(random, root = '') {
  const shift = random.int(0, 20);
  const list = (item, separator) => Array.from({ length: random.int(1, 9) }, item).join(separator);
  const time = new Date(random.int(1, 2e9) * 1000);
  return {
    root,
    line: (line) => line + shift,
    id: random.pick([random.uuid(), random.digits(6), `ord_${random.mixed(8)}`]),
    uuid: random.uuid(),
    hex: random.mixed(10),
    hexDigits: random.hex(8),
    number: random.int(2, 900),
    ip: [10, random.int(0, 255), random.int(0, 255), random.int(1, 254)].join('.'),
    list: list(() => random.int(1, 999_999), ', '),
    blocks: list(() => `blk_${random.digits(9)}`, ' '),
    time: time.toISOString(),
    date: time.toUTCString(),
    pick: random.pick,
  };
}

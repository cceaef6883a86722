import { background, query } from 'acme-db';
import { Basket, cartTotal, discountOf, postEntries, shippingCost, shipTo } from './cart.mjs';
import {
  decodeReference,
  formatPrice,
  loadInvoice,
  loadInvoiceLater,
  loadProfile,
  parseFeed,
  parseWebhook,
  reconcile,
  render,
  targetOf,
} from './documents.mjs';
import { findOrder, insertOrder, priceMismatch, requireOrder, returnOrder, useQuota } from './orders.mjs';
import { clone, expand, quorum, settle, walk } from './tree.mjs';

const chain = (depth, id) => (depth === 0 ? { id } : { child: chain(depth - 1, id) });

/** Each fails in its own way. `v` holds what varies: ids, ports, numbers, paths, depth. */
export const cases = {
  'cart.total.map': () => cartTotal({}),
  'cart.shipping.map': () => shippingCost({}),
  'cart.discount.rate': () => discountOf({}),
  'cart.address.street': () => shipTo({}),
  'cart.basket.range': (v) => new Basket({ length: v.number + 100 }),
  'cart.heaviest.grams': () => new Basket([{}, {}]).heaviest,
  'cart.json': (v) => Basket.fromJson(`<html>${v.hex}`),
  'cart.post.not-a-function': () => postEntries([{}]),
  'cart.post.not-iterable': () => postEntries(undefined),
  'orders.insert.refused': (v) => insertOrder('', { port: v.port }),
  'orders.find.refused': (v) => findOrder('', { port: v.port }),
  'orders.insert.unique': () => insertOrder('unique', {}),
  'orders.insert.foreign': () => insertOrder('foreign', {}),
  'orders.insert.null-customer': () => insertOrder('null_customer', {}),
  'orders.insert.null-currency': () => insertOrder('null_currency', {}),
  'orders.find.uuid': (v) => findOrder('uuid', { id: v.id }),
  'orders.not-found': (v) => requireOrder(v.id),
  'orders.return-window': (v) => returnOrder(v.number, v.id),
  'orders.price-mismatch': (v) => priceMismatch(v.number / 7, v.number / 3),
  'orders.quota': (v) => useQuota(v.id, v.number * 9, v.number),
  'db.background.closed': () => background('Connection is closed.'),
  'db.background.refused': (v) => background(`connect ECONNREFUSED 10.0.0.${v.number % 200}:${v.port}`),
  'db.background.status-404': () => background('Request failed with status code 404'),
  'db.background.status-503': () => background('Request failed with status code 503'),
  'db.background.timeout': (v) => background(`Promise timed out after ${v.number} milliseconds`),
  'documents.feed.json': (v) => parseFeed(`<?xml ${v.hex}`),
  'documents.webhook.json': (v) => parseWebhook(`<?xml ${v.hex}`),
  'documents.invoice.enoent': (v) => loadInvoice(`/nowhere/${v.hex}/invoice-${v.number}.html`),
  'documents.invoice-later.enoent': (v) => loadInvoiceLater(`/nowhere/${v.hex}/invoice-${v.number}.html`),
  'documents.profile.json': (v) => loadProfile(v.id, () => JSON.parse(`<${v.hex}`)),
  'documents.profile.refused': (v) => loadProfile(v.id, () => query('', { port: v.port })),
  'documents.reconcile': (v) => reconcile(v.number, v.number + 1),
  'documents.render': (v) => render(`/srv/${v.hex}/views/statement.ejs`, (v.number % 40) + 2),
  'documents.decode': (v) => decodeReference(`%${v.number}%`),
  'documents.target': (v) => targetOf(`not a url ${v.hex}`),
  'documents.format.range': () => formatPrice(1, 200),
  'documents.format.not-a-function': () => formatPrice('1', 2),
  'tree.walk': (v) => walk(chain(v.depth, v.id)),
  'tree.expand.overflow': () => expand({}),
  'tree.clone.overflow': () => clone({ a: 1 }),
  'tree.quorum.refused': (v) => quorum([v.port, v.otherPort]),
  'tree.settle': (v) => settle([v.id, v.hex]),
};

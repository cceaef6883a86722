const VAT_PERCENT = { DE: 19, FR: 20, IT: 22 };

/** @param {import('../repositories/orders.js').Order} order */
export function invoiceFor(order) {
  const net = order.lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
  const country = order.customer.address.country;
  const vat = (net * (VAT_PERCENT[country] ?? 0)) / 100;
  return { order: order.id, billTo: order.customer.name, country, net, vat, total: net + vat };
}

/**
 * @param {import('../repositories/orders.js').Order} order
 * @param {import('../clients/payments.js').PaymentsClient} payments
 */
export async function payFor(order, payments) {
  const amount = order.lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
  return await payments.charge({ order: order.id, amount, currency: 'EUR' });
}

/**
 * @param {import('../repositories/orders.js').Order} order
 * @param {import('../clients/inventory.js').InventoryClient} inventory
 */
export async function availabilityOf(order, inventory) {
  const stock = await inventory.stockOf(order.lines.map((line) => line.sku));
  return order.lines.map((line) => ({ sku: line.sku, available: (stock[line.sku] ?? 0) >= line.quantity }));
}

/**
 * @typedef {object} Order
 * @property {number} id
 * @property {{ name: string, address: { country: string } }} [customer] Guests order without an account.
 * @property {{ sku: string, quantity: number, price: number }[]} lines
 */

/** Orders, kept in memory. */
export class OrderRepository {
  /** @type {Map<number, Order>} */
  #orders = new Map(
    [
      {
        id: 1042,
        customer: { name: 'Ada', address: { country: 'DE' } },
        lines: [{ sku: 'lamp', quantity: 2, price: 40 }],
      },
      { id: 1043, lines: [{ sku: 'desk', quantity: 1, price: 310 }] },
    ].map((order) => [order.id, order]),
  );

  /** @param {number} id */
  find(id) {
    return this.#orders.get(id);
  }
}

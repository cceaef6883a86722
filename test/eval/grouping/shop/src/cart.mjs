export function cartTotal(cart) {
  return cart.lines.map((line) => line.price).reduce((sum, price) => sum + price, 0);
}

export function shippingCost(cart) {
  return cart.lines.map((line) => line.weight).length;
}

export function discountOf(cart) {
  return cart.coupon.rate;
}

export function shipTo(cart) {
  return cart.address.street;
}

export class Basket {
  constructor(lines) {
    if (lines.length > 100) throw new RangeError(`A basket holds 100 lines, got ${lines.length}`);
    this.lines = lines;
  }

  get heaviest() {
    return this.lines.toSorted((a, b) => a.weight.grams - b.weight.grams)[0];
  }

  static fromJson(text) {
    return new Basket(JSON.parse(text).lines);
  }
}

export function postEntries(entries) {
  for (const entry of entries) entry.post();
}

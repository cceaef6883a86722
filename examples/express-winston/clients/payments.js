/** The payment provider, over HTTP. */
export class PaymentsClient {
  /** @param {string} baseUrl */
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  /** @param {{ order: number, amount: number, currency: string }} charge */
  async charge(charge) {
    const response = await fetch(`${this.baseUrl}/charges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(charge),
    });
    if (!response.ok) throw new Error(`The payment provider answered with status ${response.status}`);
    return await response.json();
  }
}

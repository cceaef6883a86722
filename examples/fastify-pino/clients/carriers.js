/** A carrier's API, over HTTP. */
export class CarrierClient {
  /** @param {string} baseUrl */
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  /** @param {number} kg */
  async quote(kg) {
    const response = await fetch(`${this.baseUrl}/quote?kg=${kg}`);
    if (!response.ok)
      throw new Error(`The carrier at ${this.baseUrl} answered with status ${response.status}`);
    return await response.json();
  }
}

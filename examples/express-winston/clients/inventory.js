/** The warehouse's stock, over HTTP. */
export class InventoryClient {
  /** @param {string} baseUrl */
  constructor(baseUrl) {
    this.baseUrl = baseUrl;
  }

  /**
   * @param {readonly string[]} skus
   * @returns {Promise<Record<string, number>>}
   */
  async stockOf(skus) {
    const response = await fetch(`${this.baseUrl}/stock?sku=${skus.map(encodeURIComponent).join(',')}`);
    return await response.json();
  }
}

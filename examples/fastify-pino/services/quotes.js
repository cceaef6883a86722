/**
 * The first carrier that answers gets the job.
 *
 * @param {import('../clients/carriers.js').CarrierClient[]} carriers
 * @param {number} kg
 */
export async function fastestQuote(carriers, kg) {
  return await Promise.any(carriers.map((carrier) => carrier.quote(kg)));
}

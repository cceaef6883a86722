import * as z from 'zod';

const shipment = z.object({
  order: z.int(),
  parcels: z.array(z.object({ kg: z.number().positive().max(31.5) })).min(1),
});

/** @param {unknown} input The body of a request. */
export function planShipment(input) {
  const { order, parcels } = shipment.parse(input);
  const kg = parcels.reduce((sum, parcel) => sum + parcel.kg, 0);
  return { order, kg, truck: kg > 100 };
}

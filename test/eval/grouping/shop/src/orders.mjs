import { query } from 'acme-db';

export async function insertOrder(kind, options) {
  return await query(kind, options);
}

export async function findOrder(kind, options) {
  return await query(kind, options);
}

export function requireOrder(id) {
  throw new Error(`Order ${id} not found`);
}

export function returnOrder(days, id) {
  throw new Error(`Return window of 30 days exceeded by ${days} days for order ${id}`);
}

export function priceMismatch(expected, got) {
  throw new RangeError(`Price mismatch: expected €${expected}, got €${got}`);
}

export class QuotaExceededError extends Error {
  name = 'QuotaExceededError';
}

export function useQuota(tenant, used, limit) {
  throw new QuotaExceededError(`Tenant ${tenant} used ${used} of ${limit} requests`);
}

import { connect } from 'node:net';

/** A database client as a dependency: its frames are not the application's. */
export class DatabaseError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export async function query(statement, { port, id }) {
  if (port !== undefined) {
    await reach(port).catch((error) => {
      throw new DatabaseError(error.message, error.code);
    });
  }
  const failure = FAILURES[statement];
  if (failure) throw new DatabaseError(failure(id), '23000');
  return [];
}

function reach(port) {
  return new Promise((_resolve, reject) => connect(port, '127.0.0.1').on('error', reject));
}

/** A failure in the client's own time: no frame of the application is on the stack. */
export function background(message) {
  return new Promise((_resolve, reject) => setTimeout(() => reject(new DatabaseError(message)), 1));
}

const FAILURES = {
  unique: () => 'duplicate key value violates unique constraint "orders_ref_key"',
  foreign: () => 'insert or update on table "orders" violates foreign key constraint "orders_customer_fkey"',
  null_customer: () => 'null value in column "customer_id" violates not-null constraint',
  null_currency: () => 'null value in column "currency" violates not-null constraint',
  uuid: (id) => `invalid input syntax for type uuid: "${id}"`,
};

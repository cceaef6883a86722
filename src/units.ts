/** A length of time in milliseconds. */
export type Milliseconds = number;
/** A length of time in seconds. */
export type Seconds = number;
/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Timestamp = number;

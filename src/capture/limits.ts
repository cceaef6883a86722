/** Limits of what is kept of one error; they equal those of the wire format. */
export const MAX_MESSAGE = 16_384;
export const MAX_STACK = 65_536;
export const MAX_NAME = 256;
/** How far a chain of causes is followed. */
export const MAX_CAUSES = 10;
/** How many children of an AggregateError are shown. */
export const MAX_CHILDREN = 10;
/** Fields of one object that are looked at for the context. */
export const MAX_FIELDS = 128;

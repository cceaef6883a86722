/** Version of src/prompt.ts; part of the cache key, so that a better prompt is not answered from old answers. */
export const PROMPT_VERSION = 2;

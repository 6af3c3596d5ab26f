// What a replica may cost whoever asks.

/** A request that is not answered by a replica for so long goes to the primary. */
export const ANSWER_MS = 300;
/** So long a request waits for news of replicas that did not have its position a moment ago: the primary has it. */
export const NEWS_MS = 20;
/** A place is looked at so often while a model is asked. */
export const LOOK_EVERY_MS = 250;
/** Requests that one replica may have at once; others go elsewhere. */
export const MAX_UNDER_WAY = 100;

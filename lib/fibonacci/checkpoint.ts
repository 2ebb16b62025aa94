/**
 * Called by a running computation about once a millisecond, or oftener, between two steps of its work.
 * Whatever it throws ends the computation and reaches the caller as it is: that is how a call that is
 * no longer wanted gives its thread back. It should cost well under a microsecond.
 */
export type Checkpoint = () => void;

/**
 * Called by a computation at least about once a millisecond. If it throws, the computation ends, and its caller gets the
 * error: so a call that is no longer wanted frees its thread. It should cost well under a microsecond.
 */
export type Checkpoint = () => void;

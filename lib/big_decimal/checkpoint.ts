/**
 * Called about once a millisecond, or oftener, between two steps of the work. What it throws ends the work and
 * reaches the caller as it is. It should cost well under a microsecond.
 */
export type Checkpoint = () => void;

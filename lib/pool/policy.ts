/**
 * Every number that somebody chose: what it does, and what a smaller and a larger one would cost. Measurements are
 * from a machine with two cores; `bench/` repeats them. "This thread" is the one that the pool runs on.
 *
 * @module
 */

// Who waits where, and whose turn it is

/**
 * From how many milliseconds on a call is long, and waits in the lane of long calls. Less would put calls there that
 * delay nobody; more would let short calls wait for as long.
 */
export const LONG_MS = 10;

/**
 * For at most how many milliseconds no long call is started while short ones wait, too. Less would let long calls delay
 * short ones more often where no worker is idle; more would let long calls wait longer under steady load.
 */
export const LONGEST_WITHOUT_MS = 1_000;

/**
 * What share of a full queue long calls may have, and one group of callers. Beyond it, other calls replace them. Less
 * would refuse calls that harm nobody; more would keep others out.
 */
export const SHARE = 1 / 2;

/**
 * A long call may take the last idle worker if another is expected to be free within so many milliseconds. A short call
 * that comes then waits for at most as long, by estimate. Less would leave workers idle for longer between long calls;
 * more would let short calls wait longer. (Measured with two workers and twenty callers of n = 10 million beside small
 * calls. With 20, small calls take 54 ms at p99; with 12, 42 ms, and four fifths as many large calls are answered; with
 * 10, 38 ms and three quarters; with 8, 31 ms and two thirds.)
 */
export const RELIEF_MS = 10;

/**
 * The same, when no short call has come for `QUIET_MS`. With 50, long calls of up to 60 ms use all workers. Less would
 * leave workers idle; more is what the first short call may have to wait.
 */
export const QUIET_RELIEF_MS = 50;

/**
 * For how long no short call must have come for that. Less makes more short calls the first; more leaves workers
 * idle.
 */
export const QUIET_MS = 250;

/**
 * For how long no short call must have come before long calls may take all workers, however long they run. Less would
 * let a rare short call wait for a long one each time; more would keep the last worker idle for longer where there
 * are no short calls (with two workers, that costs a third of what both can do).
 */
export const UNUSED_MS = 10_000;

/**
 * By what share of a run time its estimate may be wrong. Less would trust that a call of half a second ends on the
 * millisecond (small calls beside two of 0.2 s took up to 92 ms); more would leave workers idle between calls of 30 ms.
 */
export const UNSURE = 1 / 4;

// How long a call is expected to run

/**
 * How much of the way a method's peak comes down, and its least time goes up, with each run. More would forget a slow
 * run that may come again; less would remember one that was an accident.
 */
export const PEAK_DECAY = 1 / 16;

/**
 * The weight of each new run in the mean of a method's run times. More would let a few runs decide who is let in; less
 * would remember for longer what is not true any more.
 */
export const MEAN_WEIGHT = 1 / 8;

/**
 * How many times the mean a run counts for at most. Less would be slow to see that calls have become slower; more
 * would let a single slow one shut out those that come after it.
 */
export const MOST_TIMES = 8;

// How much a worker is sent ahead, and in how many messages

/**
 * How much work, by estimate, makes a worker's mailbox full. One call at a time would leave a worker idle
 * after each for a round trip: 0.1 ms, and some milliseconds when the pool's thread has many requests on its
 * hands (calls of 0.6 ms: 2,200 a second with 0.5 here, 2,500 with 1, 2,700 with 4). More gains nothing. The
 * cost: a short call may wait for as long when all workers are busy, and calls behind one that was estimated wrong wait
 * until they are taken back.
 */
export const ROOM_MS = 4;

/**
 * How long a worker's current call may run before the calls sent behind it are taken back. Shorter takes
 * back what was about to run anyway; longer lets short calls wait while other workers are free.
 */
export const TAKE_BACK_AFTER_MS = 5;

/**
 * How many messages a worker has at a time if they hold several calls: one that it works on, and one to go on with if
 * that is worth its cost. More would put fewer calls into each, and its share of a message is what a short call costs.
 */
export const GATHERED = 2;

/**
 * How many messages a worker has at a time if each holds one call. Less would let it fall asleep after each, and
 * waking it costs this thread 10 µs (calls with an object of 1 kB: 19,000 a second with 2, 30,000 with 32); more
 * gains nothing.
 */
export const WINDOW = 32;

/**
 * How much work, in microseconds, makes a second message worth the 10 µs that it costs to post. Without one the
 * worker idles for a round trip. That costs calls of a few microseconds nothing: this thread is their bottleneck, and
 * fewer messages let it do more (270,000 trivial calls a second, against 215,000 if there is always a second message).
 * Less would post more messages; more would let workers idle.
 */
export const SECOND_MESSAGE_US = 50;

/**
 * How many milliseconds of work a worker may do before it posts the answers. Less would make more messages; more
 * would delay short calls noticeably.
 */
export const MAX_HELD_MS = 0.5;

/**
 * Calls share one run of the watchdog if their limits differ by at most this, and for at most this long. Each run
 * starts a thread, which costs 20 µs. Less would start more threads; more would let a call exceed its limit by as
 * much.
 */
export const LIMIT_SPREAD_MS = 10;

// Reports of a running call

/**
 * How many reports of a call may be unread if its listener gets all of them: the worker waits with the next one. Less
 * would make the worker wait for this thread more often; more would let more pile up in front of a slow listener.
 */
export const MOST_UNREAD = 16;

/**
 * How often, in ms, a worker that waits for its listener looks whether its call was cancelled. Cancelling wakes it
 * anyway: more often would gain nothing; more rarely would be slow where waking fails.
 */
export const LISTENER_LOOK_MS = 100;

/**
 * How often, in ms, the latest report is posted where memory isn't shared: there the worker can't see whether the
 * last one has been read. More often would be more than a page can show; more rarely would look as if it stood still.
 */
export const BLIND_REPORT_MS = 50;

// When work is cut, and a pool is closed

/**
 * How long after a call's deadline its watchdog cuts it at the earliest. Less could cut a call that ends in time, as
 * the watchdog also cuts what ends just before its limit; more would let a call that nobody waits for run on.
 */
export const LIMIT_AFTER_MS = 10;

/**
 * How long after a call's limit its cut is known here at the latest. Shorter would replace workers whose call is
 * about to be cut; longer would wait more for workers whose watchdog can't cut the call.
 */
export const CUT_WITHIN_MS = 100;

/**
 * How long a pool waits for its calls when it is closed, by default. Less would give up work that is nearly done; more
 * would outlast what a supervisor waits for.
 */
export const GRACE_MS = 5_000;

/**
 * How many workers are ended at a time. On Deno the end of each goes through the memory of the whole process (glibc's
 * `malloc_trim`), and this thread waits for that. With all of 256 at once it stood still for 4 to 7 s, and threads
 * counted as wedged that were not. With 2 it stands still for up to 0.1 s, and the end takes 3 s. One would end small
 * pools more slowly.
 */
export const ENDING_WORKERS = 2;

// Birth and death of workers

/** How many workers there are where the platform doesn't tell how many cores it has. */
export const SIZE_UNTOLD = 4;

/**
 * Pause before the first worker is started, so that a service that has just begun to listen can answer those
 * who have waited for that (a first answer takes the runtime some 5 ms). Shorter would make them wait for the worker's
 * start; longer would delay the first call without need.
 */
export const FIRST_START_MS = 12;

/**
 * Pause between the starts of two workers. Starting one blocks this thread for about 13 ms: closer together,
 * a big pool's start, or many deaths at once, would stall everyone; further apart, a big pool takes longer to
 * be complete.
 */
export const SPACING_MS = 20;

/**
 * The longest pause between starts while no worker can be loaded, because its file or server is away. Shorter would
 * keep this thread busy with failing starts; longer would let calls wait after the cause is gone.
 */
export const LONGEST_PAUSE_MS = 1_000;

/**
 * The pause before a dead worker's successor. Doubling makes a crash loop cheap (starting a worker blocks
 * this thread for about 13 ms); the cap brings a slot back soon once the loop ends.
 */
export const RESTART_MS = { first: 10, most: 250 };

/**
 * How many workers of a slot may die in a row before any was ready. Then the slot gives up, as the module is broken. A
 * slot that once had a ready worker never gives up. Fewer would give up too soon; more would report the fault later.
 */
export const RESTART_BUDGET = 8;

/**
 * How long a worker with an uncaught error is given to end by itself, which it does on Deno and not in
 * browsers. Less would throw away answers that are on their way; more would leave the slot without a worker for longer.
 */
export const ERROR_ENDS_WITHIN_MS = 50;

/**
 * How long a thread that was told to end may take before it counts as wedged. Less would start a successor beside a
 * thread that is about to end; more would leave the slot empty for longer if it never does.
 */
export const WEDGED_AFTER_MS = 250;

/**
 * How long after a worker's death to wait for answers that it has posted. They take a turn or two of the event loop:
 * less would lose an answer in a busy moment; more would keep callers waiting for one that is lost.
 */
export const LAST_ANSWERS_MS = 100;

// How late this thread may be

/**
 * By how many milliseconds a timer may be late and still count as on time. Less would put off timers without need, as
 * none is exact; more would let a timer overtake more messages.
 */
export const ON_TIME_MS = 2;

/**
 * For how many turns of the event loop a late timer is put off at most. Less would decide against more healthy workers
 * where this thread is always busy; without a bound no deadline would ever pass there.
 */
export const MOST_TURNS = 4;

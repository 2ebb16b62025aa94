/**
 * Every number that somebody chose: what it does, and what a smaller and a larger one would cost. The measurements are of
 * two cores; `bench/` repeats them.
 *
 * @module
 */

// Who waits where, and whose turn it is

/**
 * From how many milliseconds on a call is long. Less would have calls wait apart that nobody notices; more would let
 * those behind them wait as long.
 */
export const LONG_MS = 10;

/**
 * How long the long calls may be without a turn while there are short ones. Less would let them hold up short calls
 * oftener where there is no worker to spare; more would let them wait longer where there is never a moment's peace.
 */
export const LONGEST_WITHOUT_MS = 1_000;

/**
 * What share of a full queue long calls have, and one group of callers. Others take the place of what is beyond it: with
 * less they would lose what others could spare, with more they would keep others out.
 */
export const SHARE = 1 / 2;

/**
 * A long call may take the last worker that is free if another is expected to be within so many milliseconds: they are
 * what a short call then waits at most, by estimate. Less would leave workers idle for longer between long calls; more
 * is what short ones would wait. (Twenty callers of ten million beside small calls, on two workers: with 20 here small
 * ones take 54 ms at p99, with 12 42 and four fifths as many large ones are answered, with 10 38 and three quarters,
 * with 8 31 and two thirds.)
 */
export const RELIEF_MS = 10;

/**
 * The same where no short call has come for a while: with it, calls of up to 60 ms have all workers among themselves.
 * The first short one may have to wait for it.
 */
export const QUIET_RELIEF_MS = 50;

/** How long no short call has to come for that. Less would have many be the first; more would leave workers idle. */
export const QUIET_MS = 250;

/**
 * How long no short call has to come for long ones to have all workers, however long they take. Less would let a service
 * that has short calls now and then wait for a long one each time; more would cost one that has none its last worker
 * for longer (of two, a third of what both can do).
 */
export const UNUSED_MS = 10_000;

/**
 * What share of its time an estimate may be off by. Less would trust that a call of half a second ends to the millisecond
 * (beside two of 0.2 s small calls took up to 92 ms); more would leave workers idle between calls of 30 ms.
 */
export const UNSURE = 1 / 4;

// How long a call is expected to run

/**
 * How quickly a method's peak comes down, and its least time up, by run. More would forget a slow run that may come again;
 * less would remember one that was an accident.
 */
export const PEAK_DECAY = 1 / 16;

/**
 * What the mean of a method's run times makes of each run. More would let a few runs decide who is let in; less
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
 * hands (calls of 0.6 ms: 2,200 a second with 0.5 here, 2,500 with 1, 2,700 with 4). More gains nothing. It
 * costs a short call up to as much when all workers are busy, and those behind one that was estimated wrong
 * until they are taken back.
 */
export const ROOM_MS = 4;

/**
 * How long the call that a worker is on may take before those sent behind it are taken back. Shorter takes
 * back what was about to run anyway; longer lets short calls wait while other workers are free.
 */
export const LATE_MS = 5;

/**
 * How many messages of several calls a worker has at a time: one that it is on, and one to go on with if that is worth
 * it. More would be fewer calls in each, and what a short call costs is its message.
 */
export const GATHERED = 2;

/**
 * How many messages a worker has at a time if each is of one call. Less would let it fall asleep after each, and waking
 * it costs this thread 10 µs (calls with an object of 1 kB: 19,000 a second with 2, 30,000 with 32); more gains nothing.
 */
export const WINDOW = 32;

/**
 * What makes the second message worth it: so much work, in microseconds, that the 10 it costs to post do
 * not matter. Without one the worker idles for a round trip, which costs many calls of some microseconds
 * nothing: there the pool's thread is what they wait for, and fewer messages let it do more (270,000
 * trivial calls a second, against 215,000 when there was always a second message).
 */
export const SECOND_MESSAGE_US = 50;

/**
 * How much work may have been done, in milliseconds, before it is told. Less would make more messages; more
 * would show in what short calls take.
 */
export const MAX_HELD_MS = 0.5;

/**
 * Calls whose limits differ by no more, and for no longer than this, share a watchdog: it starts a thread
 * each time, which costs 20 µs. More would let a call run on for so much longer than it may.
 */
export const LIMIT_SPREAD_MS = 10;

// What a call tells while it runs

/**
 * How many reports of a call may be unread where all are told: the next one waits. Less would have the worker wait for
 * the pool's thread more often; more would let more pile up in front of a slow listener.
 */
export const MOST_UNREAD = 16;

/**
 * How often a worker that waits for its listener looks whether its call has been cancelled. It is woken for that: oftener
 * would gain nothing, more rarely would be late where waking fails.
 */
export const LISTENER_LOOK_MS = 100;

/**
 * How often the latest report is told where memory isn't shared and the worker can't see whether the last one has been
 * read. Oftener would be more than a page can show; more rarely would look as if it stood still.
 */
export const BLIND_REPORT_MS = 50;

// When work is cut, and a pool is closed

/**
 * How long after a call's deadline its watchdog cuts it at the earliest: a call that ends in time must be well before
 * that, for one that ends just before it is cut too.
 */
export const LIMIT_AFTER_MS = 10;

/**
 * How long after its limit a call is cut at the latest, and the news of it here. Shorter takes workers for deaf that are
 * about to be cut; longer waits for those that are.
 */
export const CUT_WITHIN_MS = 100;

/**
 * How long a pool waits for its calls when it is closed, by default. Less would give up work that is nearly done; more
 * would outlast what a supervisor waits for.
 */
export const GRACE_MS = 5_000;

/**
 * How many workers are ended at a time. On Deno the end of each goes through the memory of the whole process (glibc's
 * `malloc_trim`), and this thread waits for those that do: with all of 256 at once it stood still for 4 to 7 s, and
 * threads counted as wedged that were not; with 2 for up to 0.1 s, 3 s in all. Fewer take longer where there are few.
 */
export const ENDING_WORKERS = 2;

// Birth and death of workers

/** How many workers there are where the platform doesn't tell how many cores it has. */
export const SIZE_UNTOLD = 4;

/**
 * Pause before the first start, so that a service which began to listen in this turn answers whoever has
 * been waiting for that (a first answer takes the runtime some 5 ms). Longer would delay the first call more
 * than it would speed up anything.
 */
export const FIRST_START_MS = 12;

/**
 * Pause between the starts of two workers. Starting one blocks this thread for about 13 ms: closer together,
 * a big pool's start, or many deaths at once, would stall everyone; further apart, a big pool takes longer to
 * be whole.
 */
export const SPACING_MS = 20;

/**
 * The longest pause while no worker can be loaded: its file is away, or its server. Shorter would keep this thread
 * busy with starts in vain; longer would let calls wait after the cause is gone.
 */
export const LONGEST_PAUSE_MS = 1_000;

/**
 * The pause before a dead worker's successor. Doubling makes a crash loop cheap (starting a worker blocks
 * this thread for about 13 ms); the cap keeps a slot from being missed for long once the loop ends.
 */
export const RESTART_MS = { first: 10, most: 250 };

/**
 * Workers in a row that may die before any has been ready. Then the slot gives up: the module is broken. Once one has
 * been, the slot never does. Fewer would give up at a hiccup; more would be longer in saying that it is no use.
 */
export const RESTART_BUDGET = 8;

/**
 * How long a worker with an uncaught error is given to end by itself, which it does on Deno and not in
 * browsers. Less would throw away the answers that are on their way; more would be without a worker for longer.
 */
export const ERROR_ENDS_WITHIN_MS = 50;

/**
 * How long a thread that was told to end may take before it counts as wedged. Less would start another beside one that is
 * ending; more would leave a slot empty beside one that never will.
 */
export const WEDGED_AFTER_MS = 250;

/**
 * How long after a worker's death to wait for answers that it must have posted. They take a turn or two: less would lose
 * one in a busy moment; more would keep callers waiting for one that is lost.
 */
export const LAST_WORDS_MS = 100;

// How late this thread may be

/**
 * How late a timer may be to count as on time, in milliseconds: less would put off what need not be, for no timer is
 * exact; more would let it overtake more messages.
 */
export const ON_TIME_MS = 2;

/**
 * How many turns a timer is put off at most. More would spare workers a few wrong verdicts where this thread is busy in
 * every turn; without a bound no deadline would pass there.
 */
export const MOST_TURNS = 4;

// @ts-check
/** One order for what we see at once and for the server's calls, of which we learn later. */

/** Milliseconds since 1970, with fractions, as the times below. */
export function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * When a message was posted: we may hear it only after the mini-app has done some more.
 * @param {Event} event
 */
export function timeOf({ timeStamp }) {
  return performance.timeOrigin + timeStamp;
}

/**
 * How far the server's clock is ahead of ours, by what it said in answer to a question (Cristian 1989).
 * Zero if the clocks agree as far as the time of the answer lets us see, as on one machine.
 * @param {number} asked
 * @param {number} serverTime
 * @param {number} answered
 */
export function ahead(asked, serverTime, answered) {
  const difference = serverTime - (asked + answered) / 2;
  return Math.abs(difference) <= answered - asked ? 0 : difference;
}

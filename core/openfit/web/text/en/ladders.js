// English: whose value counts where several measure the same.

import { many } from "../plural.js";

export const text = {
  title: "Whose value counts",
  lead: "Where several measured the same, the first of these that has a value for a day gives it. All others stay, and are shown beside it where you compare devices.",
  metric: "For",
  all: "All metrics without an order of their own",
  basis: {
    own: "Your order for this.",
    all: "Your order for all metrics; this one has none of its own.",
    none: "The order that holds without your say: by kind of device.",
  },
  list: "Order, the best first",
  up: (name) => `Move ${name} up`,
  down: (name) => `Move ${name} down`,
  moved: (name, place, of) => `${name} is now ${place} of ${of}.`,
  save: "Use this order",
  leave: "Leave it as it was",
  reset: "Give up this order",
  saved: "It holds. Days are put together anew, which takes a moment.",
  dropped: "Given up. Days are put together anew, which takes a moment.",
  single: "Only one source measures this, so there is nothing to rank.",
  byHand: "What you entered by hand counts before all of them.",
  effect: {
    counting: "Counting the days",
    none: (of) => `It changes the value of none of the ${many(of, "day")} that have one.`,
    some: (n, of) => `It changes whose value is shown on ${many(n, "day")} of ${of}.`,
    sum: "Sums are put together by the minute: the first that measured counts, the next fill its gaps.",
    all: "It changes the days of every metric that has no order of its own.",
  },
};

// English: notifications.

import { many } from "../plural.js";

export const text = {
  answer: (n) => (n ? `${many(n, "unread notification")}.` : "Nothing new."),
  lead: "Of the last seven days. What is put right goes away by itself.",
  none: "All is well: nothing needs you, and nothing went wrong.",
  noneLead: "New records appear here as well.",
  all: "Mark all as read",
  own: "Notifications are about your own data. Go back to it to see them.",
  isNew: "new",
  kinds: {
    sign_in_again: ["A source wants a new sign-in", "Sign in there again"],
    source_failed: ["A source does not go on", "Look at the source"],
    task_failed: ["A job failed", "Look at the jobs"],
    import_failed: ["An import has files that could not be read", "See what is wrong with each"],
    record: ["A new record", "Open the activity"],
    day_record: ["A day as never before", "See its days"],
  },
  other: ["Notification", "To today"],
};

// What can wait until the event loop has looked at its sockets: everything that is put off meanwhile is done then, in one go.
// Knows nothing of what it is.
//
// Workers whose requests take alike finish alike, and what there is to do between two requests of a worker holds it up; what
// can be done after the next one is on its way is done after it. And who is written to wakes up: many that are written to in one
// go wake once (docs/decisions/0016).

/** Those for the end of this look; those of the one before that wait for its next; those that wait for two. */
let now: (() => void)[] = []
let due: (() => void)[] = []
let fresh: (() => void)[] = []
let scheduled = false

/** Does this when all has been read that this look at the sockets found. */
export function soon(task: () => void): void {
  now.push(task)
  schedule()
}

/** Does this behind all that waits for the end of this look; at once where nothing does. */
export function whenSettled(task: () => void): void {
  if (now.length === 0) task()
  else now.push(task)
}

/** Does this when what has come by now has been read: one look later. */
export function afterwards(task: () => void): void {
  fresh.push(task)
  schedule()
}

function schedule(): void {
  if (!scheduled) setImmediate(turn)
  scheduled = true
}

// The loop runs this after it has looked at its sockets.
function turn(): void {
  const tasks = due.length === 0 ? now : now.concat(due)
  now = []
  due = fresh
  fresh = []
  scheduled = false
  if (due.length > 0) schedule()
  for (const task of tasks) task()
}

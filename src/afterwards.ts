// What can wait until the event loop has looked at its sockets once more: everything that is put off meanwhile is done then, in
// one go. Knows nothing of what it is.
//
// Workers whose requests take alike finish alike, and what there is to do between two requests of a worker holds it up; what
// can be done after the next one is on its way is done after it.

/** Those that were put off before the last look, and those since. */
let due: (() => void)[] = []
let fresh: (() => void)[] = []

/** Does this when what has come by now has been read. */
export function afterwards(task: () => void): void {
  if (due.length === 0 && fresh.length === 0) setImmediate(turn)
  fresh.push(task)
}

// The loop runs this after it has looked at its sockets.
function turn(): void {
  const tasks = due
  due = fresh
  fresh = []
  if (due.length > 0) setImmediate(turn)
  for (const task of tasks) task()
}

// What process 1 of a container has to do besides: ask how its children ended, also those that became its own when
// their parents died; nobody else can, and until then they stay as zombies. Node cannot: libuv asks only about the
// processes it has started itself, by their ids (uv__wait_children in deps/uv/src/unix/process.c), and its `waitpid` is
// not to be had from JavaScript. A shell can: it asks about all (`waitpid(-1)`) whenever it waits. So process 1 becomes
// a shell, by execve(2), that starts us again as its child, hands signals on and ends with our status.

import { accessSync, constants } from 'node:fs'

/** Where there is an init at all: the shell that the container's launcher needs as well. */
const SHELL = '/bin/sh'

/** The signals that mean something to us (docs/configuration.md). Process 1 gets only those it has asked for. */
const HANDED_ON = 'TERM INT QUIT HUP USR1 USR2'

/**
 * Standard input is handed over by hand, as a shell gives its background processes none. `wait` returns early when a
 * signal comes; as long as the process is there, or its status has not been asked for, `kill -0` finds it.
 */
const SCRIPT = `
"$@" 3<&0 <&3 3<&- &
pid=$!
for name in ${HANDED_ON}; do trap "kill -$name $pid 2>/dev/null" $name; done
while :; do
  wait $pid
  status=$?
  kill -0 $pid 2>/dev/null || exit $status
done
`

/**
 * Puts an init in the place of this process. Returns only where that is not possible: then zombies stay, which costs
 * nothing but their ids, and `docker run --init` is the remedy.
 */
export function becomeInit(env: NodeJS.ProcessEnv): void {
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  // Looked at first, as an execve that fails aborts the process (node: src/node_process_methods.cc).
  if (!isExecutable(SHELL)) return
  process.execve?.(SHELL, ['sh', '-c', SCRIPT, 'shieldproxy', ...self], env)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

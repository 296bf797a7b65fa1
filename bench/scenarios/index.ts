// All scenarios, in the order in which they run and are shown.

import { besideIdle, besideReaders, besideUploads } from './beside.ts'
import { bulk } from './bulk.ts'
import { cpu } from './cpu.ts'
import { curve } from './curve.ts'
import { everything } from './everything.ts'
import { fair } from './fair.ts'
import { held } from './held.ts'
import { kills } from './kills.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { overload } from './overload.ts'
import { restart } from './restart.ts'
import type { Scenario } from './scenario.ts'
import { start } from './start.ts'

export const scenarios: readonly Scenario[] = [
  besideIdle,
  besideUploads,
  besideReaders,
  overload,
  curve,
  fair,
  kills,
  restart,
  everything,
  cpu,
  latency,
  memory,
  bulk,
  start,
  held,
]

// A body that nobody is to see: thrown away on its way.

import type { BodyFilter } from './body-filter.ts'

export class Discard implements BodyFilter {
  onData: BodyFilter['onData'] = () => {}
  onEnd: BodyFilter['onEnd'] = () => {}
  onRoom: BodyFilter['onRoom'] = () => {}

  write(): boolean {
    return true
  }

  end(): void {
    this.onEnd()
  }

  destroy(): void {}
}
